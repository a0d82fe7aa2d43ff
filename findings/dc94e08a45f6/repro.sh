#!/usr/bin/env bash
# blockdev-add of copy-on-read with bottom: never answered
# Seen: blockdev-add was not answered in 10002 ms
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-storage-daemon" ] || { echo "could not tell: there is no qemu-storage-daemon in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: Every command is answered in bounded time while no fault holds QEMU or its storage.' "the defect shows: $*"; exit 1; }
absent() { known; echo "the defect does not show"; exit 0; }
dir=$(mktemp -d) && cd "$dir" || exit 2
trap 'kill -KILL $(jobs -p); wait; cd /; rm -rf "$dir"' EXIT
exec 9>&2 2>errors; trap '' PIPE; ulimit -c 0 # bash reports there how QEMU ends, too
lives() { kill -0 $pid; }
must() { qmp "$@"; [[ $reply == *'"return"'* ]] || cannot "$1: ${reply:-$(<stderr)}"; }
qmp() { # sends a command and waits for its reply
  printf '%s\n' "${1%\}}, \"id\": \"#${2-}\"}" >&3
  while IFS= read -r -t ${PATIENCE:-10} reply <&4 || { [ $? -le 128 ] && sleep 0.1 && return 1; shows "no reply: $1"; }; do
    echo "$reply" >>log
    [[ $reply != *"\"id\": \"#${2-}\""* ]] || return 0
  done
}

truncate -s 65536 src.raw || cannot "no image: $(<errors)"
truncate -s 1048576 dst.raw || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --blockdev driver=file,node-name=src-file,filename=src.raw --blockdev driver=raw,node-name=src,file=src-file --blockdev driver=file,node-name=dst-file,filename=dst.raw --blockdev driver=raw,node-name=dst,file=dst-file --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
# 1. blockdev-add driver=copy-on-read node-name=x2 file=dst bottom=src
qmp '{"execute": "blockdev-add", "arguments": {"driver": "copy-on-read", "node-name": "x2", "file": "dst", "bottom": "src"}}'
lives || cannot "QEMU died: $(tail -n 1 stderr)"
absent
