#!/usr/bin/env bash
# drive-mirror with sync=none of a copy-before-write node: what it makes can't be opened any more
# Seen: f0.qcow2 cannot be read: qemu-img map: Could not open 'f0.qcow2': Could not open backing file: Unknown driver 'copy-before-wri'
# Claimed: afterwards read f0.qcow2
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-system-x86_64" ] || { echo "could not tell: there is no qemu-system-x86_64 in $1" >&2; exit 2; }; fi

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
await() { # await SECONDS TEXT: reads on until a message has it
  until [[ $(<log) == *"$2"* ]]; do IFS= read -r -t $1 reply <&4 || return; echo "$reply" >>log; done
}
ended() { timeout $1 cat <&4 >>log; } # whether QEMU ends in so many seconds

truncate -s 65536 src.raw || cannot "no image: $(<errors)"
truncate -s 65536 old.raw || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-system-x86_64 -machine none -nodefaults -display none --blockdev driver=raw,node-name=src,file.driver=file,file.filename=src.raw,file.node-name=src-file,file.discard=ignore -qmp stdio <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
# 1. blockdev-add driver=copy-before-write file=src node-name=x target=old
qmp '{"execute": "blockdev-add", "arguments": {"driver": "raw", "node-name": "old", "file": {"driver": "file", "filename": "old.raw", "node-name": "old-file", "discard": "ignore"}}}'
qmp '{"execute": "blockdev-add", "arguments": {"driver": "copy-before-write", "file": "src", "node-name": "x", "target": "old"}}'
# 2. drive-mirror j0: x -> f0.qcow2 format=qcow2 sync=none
qmp '{"execute": "drive-mirror", "arguments": {"device": "x", "format": "qcow2", "job-id": "j0", "sync": "none", "target": "f0.qcow2"}}'
# 3. await READY #0
await 10 '"BLOCK_JOB_READY", "data": {"device": "j0"'
# 4. complete #0
qmp '{"execute": "block-job-complete", "arguments": {"device": "j0"}}'
echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
opened=$(qemu-img check -f qcow2 f0.qcow2 2>&1)
[[ $? -ne 1 ]] || shows "the image can't be read: $opened"
absent
