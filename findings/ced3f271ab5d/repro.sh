#!/usr/bin/env bash
# blockdev-backup, blockdev-reopen as raw with offset=65536: assertion in bdrv_co_write_req_prepare
# Seen: SIGABRT: qemu-storage-daemon: block/io.c:2012: bdrv_co_write_req_prepare: Assertion `offset + bytes <= bs->total_sectors * BDRV_SECTOR_SIZE || child->perm & BLK_PERM_RESIZE' failed.
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
await() { # await SECONDS TEXT: reads on until a message has it
  until [[ $(<log) == *"$2"* ]]; do IFS= read -r -t $1 reply <&4 || return; echo "$reply" >>log; done
}
ended() { timeout $1 cat <&4 >>log; } # whether QEMU ends in so many seconds

truncate -s 1048576 src.raw || cannot "no image: $(<errors)"
qemu-io -f raw -c 'write -q -P 161 0 65536' \
  -c 'write -q -P 161 131072 65536' \
  -c 'write -q -P 161 655360 65536' \
  -c 'write -q -P 161 983040 65536' src.raw || cannot "no image: $(<errors)"
truncate -s 1048576 dst.raw || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --blockdev driver=raw,node-name=src,file.driver=file,file.filename=src.raw,file.node-name=src-file,file.discard=ignore --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
# 1. backup j0: src -> dst speed=65536 sync=full
qmp '{"execute": "blockdev-add", "arguments": {"driver": "file", "filename": "dst.raw", "node-name": "dst-file"}}'
qmp '{"execute": "blockdev-add", "arguments": {"driver": "raw", "node-name": "dst", "file": "dst-file"}}'
qmp '{"execute": "blockdev-backup", "arguments": {"device": "src", "job-id": "j0", "speed": 65536, "sync": "full", "target": "dst"}}'
# 2. blockdev-reopen options=[{"driver":"raw","file":"dst-file","node-name":"dst","offset":65536}]
qmp '{"execute": "blockdev-reopen", "arguments": {"options": [{"driver": "raw", "file": "dst-file", "node-name": "dst", "offset": 65536}]}}'
# 3. set-speed j0 speed=0
qmp '{"execute": "block-job-set-speed", "arguments": {"device": "j0", "speed": 0}}'
# The jobs are ended
qmp '{"execute": "job-cancel", "arguments": {"id": "j0"}}'
await 10 '{"status": "null", "id": "j0"}'
ended 2 || echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
[ $code -gt 128 ] && [ $code -ne 137 ] || absent
[[ $(<stderr) == *'bdrv_co_write_req_prepare: Assertion `offset + bytes <= bs->total_sectors * BDRV_SECTOR_SIZE || child->perm & BLK_PERM_RESIZE'\'' failed'* ]] || cannot "QEMU died of something else: $(tail -n 1 stderr)"
shows "QEMU was killed by signal $((code - 128)): $(tail -n 1 stderr)"
