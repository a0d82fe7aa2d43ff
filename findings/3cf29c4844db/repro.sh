#!/usr/bin/env bash
# block-commit with filter-node-name, blockdev-reopen as qcow2: assertion in bdrv_replace_child_noperm
# Seen: SIGABRT: qemu-storage-daemon: block.c:2962: bdrv_replace_child_noperm: Assertion `!child->frozen' failed.
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-storage-daemon" ] || { echo "could not tell: there is no qemu-storage-daemon in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: No command, however wrong, ends QEMU by a signal.' "the defect shows: $*"; exit 1; }
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
qemu-img create -q -f qcow2 -u -b base.raw -F raw mid1.qcow2 1048576 || cannot "no image: $(<errors)"
qemu-io -f qcow2 -c 'write -q -P 162 0 131072' \
  -c 'write -q -P 162 589824 65536' \
  -c 'write -q -P 162 983040 65536' mid1.qcow2 || cannot "no image: $(<errors)"
qemu-img create -q -f qcow2 -u -b mid1.qcow2 -F qcow2 src.qcow2 1048576 || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --blockdev driver=raw,node-name=base,file.driver=file,file.filename=base.raw,file.node-name=base-file,file.discard=ignore --blockdev driver=qcow2,node-name=mid1,file.driver=file,file.filename=mid1.qcow2,file.node-name=mid1-file,file.discard=ignore,backing=base --blockdev driver=file,filename=src.qcow2,node-name=src-file --blockdev driver=qcow2,node-name=src,file=src-file,backing=mid1 --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
# 1. commit j0: src filter-node-name=filter speed=65536 top-node=mid1
qmp '{"execute": "block-commit", "arguments": {"device": "src", "filter-node-name": "filter", "job-id": "j0", "speed": 65536, "top-node": "mid1"}}'
# 2. blockdev-reopen options=[{"driver":"qcow2","node-name":"src","file":"src-file","backing":"mid...
qmp '{"execute": "blockdev-reopen", "arguments": {"options": [{"driver": "qcow2", "node-name": "src", "file": "src-file", "backing": "mid1"}]}}'
ended 2 || echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
[ $code -gt 128 ] && [ $code -ne 137 ] || absent
[[ $(<stderr) == *'bdrv_replace_child_noperm: Assertion `!child->frozen'\'' failed'* ]] || cannot "QEMU died of something else: $(tail -n 1 stderr)"
shows "QEMU was killed by signal $((code - 128)): $(tail -n 1 stderr)"
