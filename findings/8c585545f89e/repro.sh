#!/usr/bin/env bash
# block-stream: abort on an unexpected error in bdrv_check_update_perm
# Seen: SIGABRT: Conflicts with use by a block device as 'root', which uses 'write' on src
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
mkfifo monitor said
qemu-storage-daemon --object throttle-group,id=group0 --blockdev driver=raw,node-name=src,file.driver=file,file.filename=src.raw,file.node-name=src-file,file.discard=ignore --blockdev node-name=throttle-src,driver=throttle,file=src,throttle-group=group0 --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
must '{"execute": "nbd-server-start", "arguments": {"addr": {"type": "unix", "data": {"path": "nbd.sock"}}}}'
must '{"execute": "block-export-add", "arguments": {"id": "export-src", "type": "nbd", "node-name": "src", "name": "src", "writable": true}}'
# 1. stream j0: throttle-src
qmp '{"execute": "block-stream", "arguments": {"device": "throttle-src", "job-id": "j0"}}'
ended 2 || echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
[ $code -gt 128 ] && [ $code -ne 137 ] || absent
[[ $(<stderr) == *'Unexpected error in bdrv_check_update_perm'* ]] || cannot "QEMU died of something else: $(tail -n 1 stderr)"
shows "QEMU was killed by signal $((code - 128)): $(tail -n 1 stderr)"
