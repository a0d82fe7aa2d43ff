#!/usr/bin/env bash
# blockdev-set-active (refused): query-named-block-nodes does not show a bitmap that is there
# Seen: query-named-block-nodes: node src: bitmap a is not listed
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-storage-daemon" ] || { echo "could not tell: there is no qemu-storage-daemon in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: query-named-block-nodes shows of a node the named dirty bitmaps that were added and not removed, each as recording and with the granularity that it was given.' "the defect shows: $*"; exit 1; }
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

qemu-img create -q -f qcow2 src.qcow2 65536 || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --blockdev driver=qcow2,node-name=src,file.driver=file,file.filename=src.qcow2,file.node-name=src-file,file.discard=ignore --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
must '{"execute": "nbd-server-start", "arguments": {"addr": {"type": "unix", "data": {"path": "nbd.sock"}}}}'
must '{"execute": "block-export-add", "arguments": {"id": "export-src", "type": "nbd", "node-name": "src", "name": "src", "writable": true}}'
# 1. block-dirty-bitmap-add name=a node=src persistent=true
qmp '{"execute": "block-dirty-bitmap-add", "arguments": {"name": "a", "node": "src", "persistent": true}}'
# 2. blockdev-set-active active=false
qmp '{"execute": "blockdev-set-active", "arguments": {"active": false}}'
qmp '{"execute": "query-named-block-nodes"}' || cannot "QEMU died"
[[ $reply =~ \{[^{}]*('"name": "a"'[^{}]*'"recording": '|'"recording": '[^{}]*'"name": "a"')[^{}]*\} ]] || shows "$reply"
absent
