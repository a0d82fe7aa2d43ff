#!/usr/bin/env bash
# blockdev-backup with speed=1 of an NBD disk, a second blockdev-backup: never answered
# Seen: blockdev-backup was not answered in 5001 ms
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

truncate -s 4194304 src.raw || cannot "no image: $(<errors)"
truncate -s 4194304 dst.raw || cannot "no image: $(<errors)"
truncate -s 4194304 t0.raw || cannot "no image: $(<errors)"
# The servers, one for each image that is reached by NBD; a qcow2 image gets room to grow, which no server makes later.
declare -A image options server
serve() { # serve DISK
  rm -f "$1-server.sock"
  qemu-nbd --persistent --shared=8 --discard=unmap ${options[$1]} --socket="$dir/$1-server.sock" \
    --export-name=disk --format=raw "${image[$1]}" 2>"$1-server.err" &
  server[$1]=$!
  for _ in {1..100}; do [ -S "$1-server.sock" ] && return || sleep 0.1; done
  cannot "the server of $1 does not start: $(tail -n 1 "$1-server.err")"
}
killed() { kill -KILL "${server[$1]}"; wait "${server[$1]}"; } 2>/dev/null
well() { kill -CONT "${server[$1]}" 2>/dev/null || serve "$1"; }
suspended() { well "$1"; kill -STOP "${server[$1]}"; }
# Servers let go of the images, which can be looked at then.
release() { local disk; for disk in "${!server[@]}"; do killed "$disk"; done; }
image[src]=src.raw options[src]=''
serve src
mkfifo monitor said
qemu-storage-daemon --blockdev driver=raw,node-name=src,file.driver=nbd,file.server.type=unix,file.server.path=src-server.sock,file.export=disk,file.node-name=src-file,file.discard=ignore --blockdev driver=raw,node-name=dst,file.driver=file,file.filename=dst.raw,file.node-name=dst-file,file.discard=ignore --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
# 1. backup j0: src -> dst speed=1 sync=full
qmp '{"execute": "blockdev-backup", "arguments": {"device": "src", "job-id": "j0", "speed": 1, "sync": "full", "target": "dst"}}'
# 2. backup: src -> t0 sync=full
qmp '{"execute": "blockdev-add", "arguments": {"driver": "raw", "node-name": "t0", "file": {"driver": "file", "filename": "t0.raw", "node-name": "t0-file", "discard": "ignore"}}}'
qmp '{"execute": "blockdev-backup", "arguments": {"device": "src", "sync": "full", "target": "t0"}}'
lives || cannot "QEMU died: $(tail -n 1 stderr)"
absent
