#!/usr/bin/env bash
# change-backing-file with image-node-name=src backing-file: the image is not to be read
# Seen: src cannot be read: qemu-img map: Could not open 'src.qcow2': Could not open backing file: Image is not in qcow2 format
# Claimed: afterwards read src
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-storage-daemon" ] || { echo "could not tell: there is no qemu-storage-daemon in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: An image that QEMU has closed in order is there, can be read, and can be checked.' "the defect shows: $*"; exit 1; }
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

truncate -s 65536 base.raw || cannot "no image: $(<errors)"
qemu-img create -q -f qcow2 -u -b base.raw -F raw src.qcow2 65536 || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --blockdev driver=raw,node-name=base,file.driver=file,file.filename=base.raw,file.node-name=base-file,file.discard=ignore --blockdev driver=qcow2,node-name=src,file.driver=file,file.filename=src.qcow2,file.node-name=src-file,file.discard=ignore,backing=base --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
# 1. change-backing-file device=src image-node-name=src backing-file=base.raw
qmp '{"execute": "change-backing-file", "arguments": {"device": "src", "image-node-name": "src", "backing-file": "base.raw"}}'
echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
opened=$(qemu-img check -f qcow2 src.qcow2 2>&1)
[[ $? -ne 1 ]] || shows "the image can't be read: $opened"
absent
