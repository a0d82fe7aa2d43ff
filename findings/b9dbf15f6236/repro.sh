#!/usr/bin/env bash
# a guest zero write, drive-mirror with sync=top: the guest reads other data in place of what it wrote
# Seen: guest read 2 of src: 0+65536 holds base:0, not zero of guest zero 1 (acknowledged 76.2 ms)
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-storage-daemon" ] || { echo "could not tell: there is no qemu-storage-daemon in $1" >&2; exit 2; }; fi

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

truncate -s 65536 base.raw || cannot "no image: $(<errors)"
qemu-io -f raw -c 'write -q -P 161 0 65536' base.raw || cannot "no image: $(<errors)"
qemu-img create -q -f qcow2 -u -b base.raw -F raw src.qcow2 65536 || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --blockdev driver=raw,node-name=base,file.driver=file,file.filename=base.raw,file.node-name=base-file,file.discard=ignore --blockdev driver=qcow2,node-name=src,file.driver=file,file.filename=src.qcow2,file.node-name=src-file,file.discard=ignore,backing=base --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
must '{"execute": "nbd-server-start", "arguments": {"addr": {"type": "unix", "data": {"path": "nbd.sock"}}}}'
must '{"execute": "block-export-add", "arguments": {"id": "export-src", "type": "nbd", "node-name": "src", "name": "src", "writable": true}}'
# 1. guest zero src 64k at 0
guest_once src -c 'write -z 0 65536'
# 2. drive-mirror j0: src -> f0.qcow2 sync=top
qmp '{"execute": "drive-mirror", "arguments": {"device": "src", "job-id": "j0", "sync": "top", "target": "f0.qcow2"}}'
# 3. await READY
await 10 '"BLOCK_JOB_READY", "data": {"device": "j0"'
# 4. complete (job-*) j0
qmp '{"execute": "job-complete", "arguments": {"id": "j0"}}'
# 5. await gone
await 10 '{"status": "null", "id": "j0"}'
# 6. guest read src 64k at 0
guest_once src -c 'read 0 65536'
found=$(qemu-io -f raw -c 'read -P 0 0 65536' 'nbd+unix:///src?socket=nbd.sock' 2>&1) || true
[[ $found == *'read 65536/'* ]] || cannot "$found"
[[ $found != *'Pattern verification failed'* ]] || shows 'the guest reads from src: 0+65536 does not hold zero of guest zero 1 (acknowledged 76.2 ms)'
lives || cannot "QEMU died: $(tail -n 1 stderr)"
absent
