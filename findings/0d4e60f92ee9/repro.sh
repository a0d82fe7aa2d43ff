#!/usr/bin/env bash
# a guest write, blockdev-add of blkdebug, blockdev-backup: assertion in cbw_co_snapshot_block_status
# Seen: SIGABRT: qemu-storage-daemon: block/copy-before-write.c:318: cbw_co_snapshot_block_status: Assertion `ret & BDRV_BLOCK_ALLOCATED' failed.
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
ended() { timeout $1 cat <&4 >>log; } # whether QEMU ends in so many seconds

truncate -s 65536 src.raw || cannot "no image: $(<errors)"
qemu-img create -q -f qcow2 old-src.qcow2 65536 || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --blockdev driver=file,filename=src.raw,node-name=src-file --blockdev driver=raw,node-name=src,file=src-file --blockdev driver=file,filename=old-src.qcow2,node-name=old-src-file --blockdev driver=qcow2,node-name=old-src,file=old-src-file --blockdev node-name=cbw-src,driver=copy-before-write,file=src,target=old-src --blockdev node-name=past-src,driver=snapshot-access,file=cbw-src --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
must '{"execute": "nbd-server-start", "arguments": {"addr": {"type": "unix", "data": {"path": "nbd.sock"}}}}'
must '{"execute": "block-export-add", "arguments": {"id": "export-src", "type": "nbd", "node-name": "cbw-src", "name": "src", "writable": true}}'
# 1. guest write src 64k at 0
guest_once src -c 'write -P 2 0 65536'
# 2. blockdev-add driver=blkdebug node-name=old-src-fault image=old-src-file inject-error=[{"event":"none","errno":28}]
qmp '{"execute": "blockdev-add", "arguments": {"driver": "blkdebug", "node-name": "old-src-fault", "image": "old-src-file", "inject-error": [{"event": "none", "errno": 28}]}}'
# 3. blockdev-add driver=raw node-name=old-src-valve file=old-src-fault
qmp '{"execute": "blockdev-add", "arguments": {"driver": "raw", "node-name": "old-src-valve", "file": "old-src-fault"}}'
# 4. blockdev-reopen options=[{"driver":"qcow2","node-name":"old-src","file":"old-src-valve"}]
qmp '{"execute": "blockdev-reopen", "arguments": {"options": [{"driver": "qcow2", "node-name": "old-src", "file": "old-src-valve"}]}}'
# 5. backup j0: past-src -> old-src sync=full
qmp '{"execute": "blockdev-backup", "arguments": {"device": "past-src", "job-id": "j0", "sync": "full", "target": "old-src"}}'
ended 2 || echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
[ $code -gt 128 ] && [ $code -ne 137 ] || absent
[[ $(<stderr) == *'cbw_co_snapshot_block_status: Assertion `ret & BDRV_BLOCK_ALLOCATED'\'' failed'* ]] || cannot "QEMU died of something else: $(tail -n 1 stderr)"
shows "QEMU was killed by signal $((code - 128)): $(tail -n 1 stderr)"
