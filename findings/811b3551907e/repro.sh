#!/usr/bin/env bash
# block-commit with top-node: the guest reads other data where data was
# Seen: src in the end: 131072+65536 holds base:0, not zero; 589824+65536 holds base:0, not zero; 983040+65536 holds base:0, not zero
# Claimed: afterwards read src
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-storage-daemon" ] || { echo "could not tell: there is no qemu-storage-daemon in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: The image that the guest'\''s disk lies on in the end holds what the guest wrote, whatever jobs ran, failed or were cancelled: no acknowledged write is lost, and nothing else has changed.' "the defect shows: $*"; exit 1; }
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
ended() { timeout $1 cat <&4 >>log; } # whether QEMU ends in so many seconds

truncate -s 1048576 base.raw || cannot "no image: $(<errors)"
qemu-io -f raw -c 'write -q -P 161 0 65536' \
  -c 'write -q -P 161 131072 65536' \
  -c 'write -q -P 161 589824 65536' \
  -c 'write -q -P 161 983040 65536' base.raw || cannot "no image: $(<errors)"
qemu-img create -q -f qcow2 -u -b base.raw -F raw mid.qcow2 65536 || cannot "no image: $(<errors)"
qemu-img create -q -f qcow2 -u -b mid.qcow2 -F qcow2 src.qcow2 1048576 || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --blockdev driver=raw,node-name=base,file.driver=file,file.filename=base.raw,file.node-name=base-file,file.discard=ignore --blockdev driver=qcow2,node-name=mid,file.driver=file,file.filename=mid.qcow2,file.node-name=mid-file,file.discard=ignore,backing=base --blockdev driver=qcow2,node-name=src,file.driver=file,file.filename=src.qcow2,file.node-name=src-file,file.discard=ignore,backing=mid --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
must '{"execute": "nbd-server-start", "arguments": {"addr": {"type": "unix", "data": {"path": "nbd.sock"}}}}'
must '{"execute": "block-export-add", "arguments": {"id": "export-src", "type": "nbd", "node-name": "src", "name": "src", "writable": true}}'
# 1. commit j0: src top-node=mid
qmp '{"execute": "block-commit", "arguments": {"device": "src", "job-id": "j0", "top-node": "mid"}}'
echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
found=$(qemu-io -f qcow2 -c 'read -P 0 131072 65536' src.qcow2 2>&1) || true
[[ $found == *'read 65536/'* ]] || cannot "$found"
[[ $found != *'Pattern verification failed'* ]] || shows 'src: 131072+65536 does not hold zero'
found=$(qemu-io -f qcow2 -c 'read -P 0 589824 65536' src.qcow2 2>&1) || true
[[ $found == *'read 65536/'* ]] || cannot "$found"
[[ $found != *'Pattern verification failed'* ]] || shows 'src: 589824+65536 does not hold zero'
found=$(qemu-io -f qcow2 -c 'read -P 0 983040 65536' src.qcow2 2>&1) || true
[[ $found == *'read 65536/'* ]] || cannot "$found"
[[ $found != *'Pattern verification failed'* ]] || shows 'src: 983040+65536 does not hold zero'
absent
