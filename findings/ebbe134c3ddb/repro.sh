#!/usr/bin/env bash
# transaction of 3 blockdev-backup onto its own source with completion-mode=grouped: never answered
# Seen: transaction was not answered in 5010 ms
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-system-x86_64" ] || { echo "could not tell: there is no qemu-system-x86_64 in $1" >&2; exit 2; }; fi

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

truncate -s 65536 c.raw || cannot "no image: $(<errors)"
truncate -s 65536 b.raw || cannot "no image: $(<errors)"
truncate -s 65536 e.raw || cannot "no image: $(<errors)"
truncate -s 65536 a.raw || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-system-x86_64 -machine none -nodefaults -display none --blockdev driver=file,node-name=c-file,filename=c.raw --blockdev driver=raw,node-name=c,file=c-file -qmp stdio <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
# 1. transaction actions=[{"type":"blockdev-backup","data":{"job-id":"j0","device":"a","target... properties={"completion-mode":"grouped"}
qmp '{"execute": "blockdev-add", "arguments": {"driver": "file", "node-name": "b-file", "filename": "b.raw"}}'
qmp '{"execute": "blockdev-add", "arguments": {"driver": "raw", "node-name": "b", "file": "b-file"}}'
qmp '{"execute": "blockdev-add", "arguments": {"driver": "file", "node-name": "e-file", "filename": "e.raw"}}'
qmp '{"execute": "blockdev-add", "arguments": {"driver": "raw", "node-name": "e", "file": "e-file"}}'
qmp '{"execute": "blockdev-add", "arguments": {"driver": "file", "node-name": "a-file", "filename": "a.raw"}}'
qmp '{"execute": "blockdev-add", "arguments": {"driver": "raw", "node-name": "a", "file": "a-file"}}'
qmp '{"execute": "transaction", "arguments": {"actions": [{"type": "blockdev-backup", "data": {"job-id": "j0", "device": "a", "target": "b", "sync": "full"}}, {"type": "blockdev-backup", "data": {"job-id": "j1", "device": "c", "target": "e", "sync": "full"}}, {"type": "blockdev-backup", "data": {"device": "a", "target": "a", "sync": "full"}}], "properties": {"completion-mode": "grouped"}}}'
lives || cannot "QEMU died: $(tail -n 1 stderr)"
absent
