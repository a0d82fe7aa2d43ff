#!/usr/bin/env bash
# blockdev-create of vmdk in a node that a job uses (refused): the node stays in use
# Seen: node left behind: src, src-file
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-storage-daemon" ] || { echo "could not tell: there is no qemu-storage-daemon in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: After every job has ended, all nodes, exports and objects can be removed and nothing is left.' "the defect shows: $*"; exit 1; }
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
await() { # await SECONDS TEXT: reads on until a message has it
  until [[ $(<log) == *"$2"* ]]; do IFS= read -r -t $1 reply <&4 || return; echo "$reply" >>log; done
}
ended() { timeout $1 cat <&4 >>log; } # whether QEMU ends in so many seconds

truncate -s 65536 src.raw || cannot "no image: $(<errors)"
truncate -s 65536 t2.raw || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --blockdev driver=raw,node-name=src,file.driver=file,file.filename=src.raw,file.node-name=src-file,file.discard=ignore --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
# 1. mirror j0: src -> t2 sync=full
qmp '{"execute": "blockdev-add", "arguments": {"driver": "raw", "node-name": "t2", "file": {"driver": "file", "filename": "t2.raw", "node-name": "t2-file", "discard": "ignore"}}}'
qmp '{"execute": "blockdev-mirror", "arguments": {"device": "src", "job-id": "j0", "sync": "full", "target": "t2"}}'
# 2. blockdev-create job-id=j1 options={"driver":"vmdk","file":"src","size":1048576}
qmp '{"execute": "blockdev-create", "arguments": {"job-id": "j1", "options": {"driver": "vmdk", "file": "src", "size": 1048576}}}'
# 3. await exit
ended 3
# The jobs are ended, what was made is removed
qmp '{"execute": "job-cancel", "arguments": {"id": "j0"}}'
await 10 '{"status": "concluded", "id": "j1"}'
qmp '{"execute": "job-dismiss", "arguments": {"id": "j1"}}'
await 10 '{"status": "null", "id": "j0"}'
await 10 '{"status": "null", "id": "j1"}'
qmp '{"execute": "blockdev-del", "arguments": {"node-name": "t2"}}'
qmp '{"execute": "blockdev-del", "arguments": {"node-name": "src"}}'
qmp '{"execute": "blockdev-del", "arguments": {"node-name": "src"}}'
qmp '{"execute": "blockdev-del", "arguments": {"node-name": "src-file"}}'
qmp '{"execute": "query-named-block-nodes"}' || cannot "QEMU died"
[[ $reply == *'"return": []'* ]] || shows "node left behind: $reply"
absent
