#!/usr/bin/env bash
# blockdev-add of blkdebug, human-monitor-command: abort in bdrv_set_file_or_backing_noperm
# Seen: SIGABRT: Unexpected error in bdrv_set_file_or_backing_noperm() at block.c:3522:
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-system-x86_64" ] || { echo "could not tell: there is no qemu-system-x86_64 in $1" >&2; exit 2; }; fi

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

truncate -s 65536 mid1.raw || cannot "no image: $(<errors)"
qemu-img create -q -f qcow2 src.qcow2 65536 || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-system-x86_64 -machine none -nodefaults -display none --blockdev driver=raw,node-name=mid1,file.driver=file,file.filename=mid1.raw,file.node-name=mid1-file,file.discard=ignore --blockdev driver=file,filename=src.qcow2,node-name=src-file --blockdev driver=qcow2,node-name=src,file=src-file -qmp stdio <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
must '{"execute": "nbd-server-start", "arguments": {"addr": {"type": "unix", "data": {"path": "nbd.sock"}}}}'
must '{"execute": "block-export-add", "arguments": {"id": "export-src", "type": "nbd", "node-name": "src", "name": "src", "writable": true}}'
# 1. blockdev-add driver=blkdebug image=src-file inject-error=[{"event":"refblock_alloc"}] node-name=src-fault
qmp '{"execute": "blockdev-add", "arguments": {"driver": "blkdebug", "image": "src-file", "inject-error": [{"event": "refblock_alloc"}], "node-name": "src-fault"}}'
# 2. blockdev-reopen options=[{"backing":"mid1","driver":"qcow2","file":"src-fault","node-name":"s...
qmp '{"execute": "blockdev-reopen", "arguments": {"options": [{"backing": "mid1", "driver": "qcow2", "file": "src-fault", "node-name": "src"}]}}'
# 3. human-monitor-command command-line="commit all"
qmp '{"execute": "human-monitor-command", "arguments": {"command-line": "commit all"}}'
ended 2 || echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
[ $code -gt 128 ] && [ $code -ne 137 ] || absent
[[ $(<stderr) == *'Unexpected error in bdrv_set_file_or_backing_noperm'* ]] || cannot "QEMU died of something else: $(tail -n 1 stderr)"
shows "QEMU was killed by signal $((code - 128)): $(tail -n 1 stderr)"
