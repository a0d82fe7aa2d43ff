#!/usr/bin/env bash
# transaction of blockdev-snapshot-sync and blockdev-backup: assertion in bdrv_close
# Seen: SIGABRT: qemu-storage-daemon: ../../block.c:4962: bdrv_close: Assertion `QLIST_EMPTY(&bs->dirty_bitmaps)' failed.
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

truncate -s 65536 src.raw || cannot "no image: $(<errors)"
truncate -s 65536 t0.raw || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --blockdev driver=raw,node-name=src,file.driver=file,file.filename=src.raw,file.node-name=src-file,file.discard=ignore --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
# 1. transaction actions=[{"data":{"node-name":"src","snapshot-file":{"newFile":"s0.qcow2"},"s...
qmp '{"execute": "blockdev-add", "arguments": {"driver": "raw", "node-name": "t0", "file": {"driver": "file", "filename": "t0.raw", "node-name": "t0-file", "discard": "ignore"}}}'
qmp '{"execute": "transaction", "arguments": {"actions": [{"data": {"node-name": "src", "snapshot-file": "s0.qcow2", "snapshot-node-name": "s0"}, "type": "blockdev-snapshot-sync"}, {"data": {"device": "s0", "job-id": "j0", "sync": "full", "target": "t0"}, "type": "blockdev-backup"}]}}'
ended 2 || echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
[ $code -gt 128 ] && [ $code -ne 137 ] || absent
[[ $(<stderr) == *'bdrv_close: Assertion `QLIST_EMPTY(&bs->dirty_bitmaps)'\'' failed'* ]] || cannot "QEMU died of something else: $(tail -n 1 stderr)"
shows "QEMU was killed by signal $((code - 128)): $(tail -n 1 stderr)"
