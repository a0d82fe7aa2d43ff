#!/usr/bin/env bash
# blockdev-mirror, a guest write by a new NBD client: the guest reads zeroes in place of what it wrote
# Seen: guest read 2 of src: 65536+65536 holds zero, not guest write 1 (acknowledged 835.4 ms)
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-system-x86_64" ] || { echo "could not tell: there is no qemu-system-x86_64 in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: A guest read that succeeds returns, byte for byte, what was on the disk at some time between its start and its end.' "the defect shows: $*"; exit 1; }
absent() { known; echo "the defect does not show"; exit 0; }
dir=$(mktemp -d) && cd "$dir" || exit 2
trap 'kill -KILL $(jobs -p); wait; cd /; rm -rf "$dir"' EXIT
exec 9>&2 2>errors; trap '' PIPE; ulimit -c 0 # bash reports there how QEMU ends, too
type qemu-io >/dev/null || cannot "$(<errors)"
lives() { kill -0 $pid; }
must() { qmp "$@"; [[ $reply == *'"return"'* ]] || cannot "$1: ${reply:-$(<stderr)}"; }
guest_once() { # guest_once DISK OPTION...: qemu-io, as a client of the disk's export
  answer=$(timeout ${PATIENCE:-10} qemu-io -f raw "${@:2}" "nbd+unix:///$1?socket=nbd.sock" 2>&1)
  [ $? -ne 124 ] || ! lives || cannot "the guest's request does not end: $*"
}
qmp() { # sends a command and waits for its reply
  printf '%s\n' "${1%\}}, \"id\": \"#${2-}\"}" >&3
  while IFS= read -r -t ${PATIENCE:-10} reply <&4 || { [ $? -le 128 ] && sleep 0.1 && return 1; cannot "no reply: $1"; }; do
    echo "$reply" >>log
    [[ $reply != *"\"id\": \"#${2-}\""* ]] || return 0
  done
}
await() { # await SECONDS TEXT: reads on until a message has it
  until [[ $(<log) == *"$2"* ]]; do IFS= read -r -t $1 reply <&4 || return; echo "$reply" >>log; done
}

qemu-img create -q -f qcow2 src.qcow2 1048576 || cannot "no image: $(<errors)"
qemu-io -f qcow2 -c 'write -q -P 161 0 65536' \
  -c 'write -q -P 161 131072 65536' \
  -c 'write -q -P 161 655360 65536' \
  -c 'write -q -P 161 983040 65536' src.qcow2 || cannot "no image: $(<errors)"
qemu-img create -q -f qcow2 dst.qcow2 1048576 || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-system-x86_64 -machine none -nodefaults -display none --blockdev driver=qcow2,node-name=src,file.driver=file,file.filename=src.qcow2,file.node-name=src-file,file.discard=ignore --blockdev driver=qcow2,node-name=dst,file.driver=file,file.filename=dst.qcow2,file.node-name=dst-file,file.discard=ignore -qmp stdio <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
must '{"execute": "nbd-server-start", "arguments": {"addr": {"type": "unix", "data": {"path": "nbd.sock"}}}}'
must '{"execute": "block-export-add", "arguments": {"id": "export-src", "type": "nbd", "node-name": "src", "name": "src", "writable": true}}'
# 1. mirror j0: src -> dst auto-finalize=false sync=full
qmp '{"execute": "blockdev-mirror", "arguments": {"auto-finalize": false, "device": "src", "job-id": "j0", "sync": "full", "target": "dst"}}'
# 2. await READY #0
await 10 '"BLOCK_JOB_READY", "data": {"device": "j0"'
# 3. complete (job-*) j0
qmp '{"execute": "job-complete", "arguments": {"id": "j0"}}'
# 4. await pending #0
await 10 '{"status": "pending", "id": "j0"}'
# 5. guest write src 64k at 64k by a client that leaves after it (not waited for)
guest_once src -c 'write -P 2 65536 65536' &
clients+=($!)
# 6. pause 1000 ms
sleep 1
# 7. finalize (job-*) j0
qmp '{"execute": "job-finalize", "arguments": {"id": "j0"}}'
# 8. await gone #0
await 10 '{"status": "null", "id": "j0"}'
# 9. await guest
wait "${clients[@]}"
# 10. guest read src 64k at 64k
guest_once src -c 'read 65536 65536'
found=$(qemu-io -f raw -c 'read -P 2 65536 65536' 'nbd+unix:///src?socket=nbd.sock' 2>&1) || true
[[ $found == *'read 65536/'* ]] || cannot "$found"
[[ $found != *'Pattern verification failed'* ]] || shows 'the guest reads from src: 65536+65536 does not hold guest write 1 (acknowledged 835.4 ms)'
lives || cannot "QEMU died: $(tail -n 1 stderr)"
absent
