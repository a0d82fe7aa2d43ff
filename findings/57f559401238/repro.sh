#!/usr/bin/env bash
# block-stream (refused), blockdev-del (refused): nodes stay behind and can't be removed
# Seen: node left behind: top, top-file, base, base-file
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

truncate -s 65536 base.raw || cannot "no image: $(<errors)"
qemu-img create -q -f qcow2 -u -b base.raw -F raw top.qcow2 65536 || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --blockdev driver=raw,node-name=base,file.driver=file,file.filename=base.raw,file.node-name=base-file,file.discard=ignore --blockdev driver=qcow2,node-name=top,file.driver=file,file.filename=top.qcow2,file.node-name=top-file,file.discard=ignore,backing=base --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
# 1. nbd-server-start addr={"data":{"path":{"newFile":"nbd.sock"}},"type":"unix"}
qmp '{"execute": "nbd-server-start", "arguments": {"addr": {"data": {"path": "nbd.sock"}, "type": "unix"}}}'
# 2. block-export-add id=export node-name=base type=nbd writable=true
qmp '{"execute": "block-export-add", "arguments": {"id": "export", "node-name": "base", "type": "nbd", "writable": true}}'
# 3. stream j0: top
qmp '{"execute": "block-stream", "arguments": {"device": "top", "job-id": "j0"}}'
# 4. blockdev-del node-name=top
qmp '{"execute": "blockdev-del", "arguments": {"node-name": "top"}}'
# What was made is removed
qmp '{"execute": "nbd-server-stop"}'
qmp '{"execute": "blockdev-del", "arguments": {"node-name": "top"}}'
qmp '{"execute": "blockdev-del", "arguments": {"node-name": "base"}}'
qmp '{"execute": "blockdev-del", "arguments": {"node-name": "top"}}'
qmp '{"execute": "blockdev-del", "arguments": {"node-name": "top-file"}}'
qmp '{"execute": "blockdev-del", "arguments": {"node-name": "base"}}'
qmp '{"execute": "blockdev-del", "arguments": {"node-name": "base-file"}}'
qmp '{"execute": "query-named-block-nodes"}' || cannot "QEMU died"
[[ $reply == *'"return": []'* ]] || shows "node left behind: $reply"
absent
