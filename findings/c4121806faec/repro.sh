#!/usr/bin/env bash
# block-dirty-bitmap-add with persistent=true, a disk of 0 bytes: the bitmap is not stored
# Seen: node src: its image, once closed, lacks persistent bitmap a, on a disk of no bytes
# Claimed: afterwards read src
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-storage-daemon" ] || { echo "could not tell: there is no qemu-storage-daemon in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: A persistent dirty bitmap is in the qcow2 file, and consistent, once QEMU has closed the image in order; after a migration that takes bitmaps along, as its mapping says; one that was removed is not there.' "the defect shows: $*"; exit 1; }
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

qemu-img create -q -f qcow2 src.qcow2 0 || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --blockdev driver=qcow2,node-name=src,file.driver=file,file.filename=src.qcow2,file.node-name=src-file,file.discard=ignore --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
# 1. block-dirty-bitmap-add node=src name=a persistent=true
qmp '{"execute": "block-dirty-bitmap-add", "arguments": {"node": "src", "name": "a", "persistent": true}}'
[[ $reply == *'"return"'* ]] || absent
# Faults are lifted
qmp '{"execute": "nbd-server-start", "arguments": {"addr": {"type": "unix", "data": {"path": "nbd.sock"}}}}'
qmp '{"execute": "block-dirty-bitmap-disable", "arguments": {"node": "src", "name": "a"}}'
qmp '{"execute": "block-export-add", "arguments": {"id": "look-0", "type": "nbd", "node-name": "src", "name": "look-0", "writable": false, "bitmaps": ["a"]}}'
echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
info=$(qemu-img info --output=json -f qcow2 src.qcow2 2>&1) || cannot "$info"
[[ $info =~ \{[^{}]*'"name": "a"'[^{}]*\} ]] || shows "bitmap a is not in the image"
absent
