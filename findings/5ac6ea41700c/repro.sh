#!/usr/bin/env bash
# drive-mirror of a raw node over an overlay: zeroes in the target where the backing has data
# Seen: f0.qcow2 when the mirror was completed: 0+65536 holds zero, not base:0
# Claimed: afterwards read f0.qcow2
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-storage-daemon" ] || { echo "could not tell: there is no qemu-storage-daemon in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: A mirror with sync=full that is cancelled after READY leaves on the target what the source held then; one that is completed leaves on the source what it held until then.' "the defect shows: $*"; exit 1; }
absent() { known; echo "the defect does not show"; exit 0; }
dir=$(mktemp -d) && cd "$dir" || exit 2
trap 'kill -KILL $(jobs -p); wait; cd /; rm -rf "$dir"' EXIT
exec 9>&2 2>errors; trap '' PIPE; ulimit -c 0 # bash reports there how QEMU ends, too
type qemu-io >/dev/null || cannot "$(<errors)"
must() { qmp "$@"; [[ $reply == *'"return"'* ]] || cannot "$1: ${reply:-$(<stderr)}"; }
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
ended() { timeout $1 cat <&4 >>log; } # whether QEMU ends in so many seconds

truncate -s 65536 base.raw || cannot "no image: $(<errors)"
qemu-io -f raw -c 'write -q -P 161 0 65536' base.raw || cannot "no image: $(<errors)"
qemu-img create -q -f qcow2 -u -b base.raw -F raw src.qcow2 65536 || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --blockdev driver=raw,node-name=base,file.driver=file,file.filename=base.raw,file.node-name=base-file,file.discard=ignore --blockdev driver=qcow2,node-name=src,file.driver=file,file.filename=src.qcow2,file.node-name=src-file,file.discard=ignore,backing=base --blockdev node-name=window-src,driver=raw,file=src --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
# 1. drive-mirror j0: window-src -> f0.qcow2 format=qcow2 sync=full
qmp '{"execute": "drive-mirror", "arguments": {"device": "window-src", "format": "qcow2", "job-id": "j0", "sync": "full", "target": "f0.qcow2"}}'
# 2. await READY
await 10 '"BLOCK_JOB_READY", "data": {"device": "j0"'
# 3. complete (job-*) #0
qmp '{"execute": "job-complete", "arguments": {"id": "j0"}}'
echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
found=$(qemu-io -f qcow2 -c 'read -P 161 0 65536' f0.qcow2 2>&1) || true
[[ $found == *'read 65536/'* ]] || cannot "$found"
[[ $found != *'Pattern verification failed'* ]] || shows 'f0.qcow2: 0+65536 does not hold base:0'
absent
