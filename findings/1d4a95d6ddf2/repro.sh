#!/usr/bin/env bash
# transaction of blockdev-backup with bitmap-mode=always (refused): all of the bitmap is dirty
# Seen: query-named-block-nodes: node src: of bitmap bm0 65536 bytes are dirty, and at most 0 can be
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-storage-daemon" ] || { echo "could not tell: there is no qemu-storage-daemon in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: A dirty bitmap of a node that only guests write to counts as dirty no more than the grains that their requests have touched while it recorded, since it was added or cleared, and what was merged into it.' "the defect shows: $*"; exit 1; }
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

truncate -s 65536 src.raw || cannot "no image: $(<errors)"
truncate -s 65536 dst.raw || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --blockdev driver=raw,node-name=src,file.driver=file,file.filename=src.raw,file.node-name=src-file,file.discard=ignore --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
# 1. block-dirty-bitmap-add node=src name=bm0
qmp '{"execute": "block-dirty-bitmap-add", "arguments": {"node": "src", "name": "bm0"}}'
# 2. transaction actions=[{"type":"blockdev-backup","data":{"job-id":"j0","device":{"disk":"sr...
qmp '{"execute": "blockdev-add", "arguments": {"driver": "raw", "node-name": "dst", "file": {"driver": "file", "filename": "dst.raw", "node-name": "dst-file", "discard": "ignore"}}}'
qmp '{"execute": "transaction", "arguments": {"actions": [{"type": "blockdev-backup", "data": {"job-id": "j0", "device": "src", "target": "dst", "sync": "full", "bitmap": "bm0", "bitmap-mode": "always"}}, {"type": "block-dirty-bitmap-add", "data": {"node": "src", "name": "bm0"}}]}}'
qmp '{"execute": "query-named-block-nodes"}' || cannot "QEMU died"
[[ $reply =~ \{[^{}]*('"name": "bm0"'[^{}]*'"recording": '|'"recording": '[^{}]*'"name": "bm0"')[^{}]*\} ]] || cannot "bitmap bm0 is not listed"
[[ $BASH_REMATCH =~ '"count": '([0-9]+) ]]; count=${BASH_REMATCH[1]}
! { [ "$count" -gt 0 ]; } || shows "of bitmap bm0 $count bytes are dirty"
absent
