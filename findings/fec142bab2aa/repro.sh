#!/usr/bin/env bash
# x-blockdev-change makes a node a child of itself: assertion in bdrv_replace_child_noperm
# Seen: SIGABRT: qemu-storage-daemon: ../../block.c:2583: bdrv_replace_child_noperm: Assertion `new_bs->quiesce_counter <= new_bs_quiesce_counter' failed.
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-storage-daemon" ] || { echo "could not tell: there is no qemu-storage-daemon in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: No command, however wrong, ends QEMU by a signal.' "the defect shows: $*"; exit 1; }
absent() { known; echo "the defect does not show"; exit 0; }
dir=$(mktemp -d) && cd "$dir" || exit 2
trap 'kill -KILL $(jobs -p); wait; cd /; rm -rf "$dir"' EXIT
exec 9>&2 2>errors; trap '' PIPE; ulimit -c 0 # bash reports there how QEMU ends, too
must() { qmp "$@"; [[ $reply == *'"return"'* ]] || cannot "$1: ${reply:-$(<stderr)}"; }
qmp() { # sends a command and waits for its reply
  printf '%s\n' "${1%\}}, \"id\": \"#${2-}\"}" >&3
  while IFS= read -r -t ${PATIENCE:-10} reply <&4 || { [ $? -le 128 ] && sleep 0.1 && return 1; cannot "no reply: $1"; }; do
    echo "$reply" >>log
    [[ $reply != *"\"id\": \"#${2-}\""* ]] || return 0
  done
}
ended() { timeout $1 cat <&4 >>log; } # whether QEMU ends in so many seconds

truncate -s 1048576 q0.raw || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
# 1. blockdev-add children=[{"newDisk":"q0"}] driver=quorum node-name=x0 vote-threshold=1
qmp '{"execute": "blockdev-add", "arguments": {"driver": "raw", "node-name": "q0", "file": {"driver": "file", "filename": "q0.raw", "node-name": "q0-file", "discard": "ignore"}}}'
qmp '{"execute": "blockdev-add", "arguments": {"children": ["q0"], "driver": "quorum", "node-name": "x0", "vote-threshold": 1}}'
# 2. x-blockdev-change node=x0 parent=x0
qmp '{"execute": "x-blockdev-change", "arguments": {"node": "x0", "parent": "x0"}}'
ended 2 || echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
[ $code -gt 128 ] && [ $code -ne 137 ] || absent
[[ $(<stderr) == *'bdrv_replace_child_noperm: Assertion `new_bs->quiesce_counter <= new_bs_quiesce_counter'\'' failed'* ]] || cannot "QEMU died of something else: $(tail -n 1 stderr)"
shows "QEMU was killed by signal $((code - 128)): $(tail -n 1 stderr)"
