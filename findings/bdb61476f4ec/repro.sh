#!/usr/bin/env bash
# migrate, blockdev-snapshot, cont: nodes without a device stay inactive
# Seen: query-named-block-nodes: node dst is inactive after cont, and nothing made it so
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-system-x86_64" ] || { echo "could not tell: there is no qemu-system-x86_64 in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: Once a migration has ended and the machine runs again here, no node is inactive that no command made so: none is listed as such, and no command is refused for it.' "the defect shows: $*"; exit 1; }
absent() { known; echo "the defect does not show"; exit 0; }
dir=$(mktemp -d) && cd "$dir" || exit 2
trap 'kill -KILL $(jobs -p); wait; cd /; rm -rf "$dir"' EXIT
exec 9>&2 2>errors; trap '' PIPE; ulimit -c 0 # bash reports there how QEMU ends, too
lives() { kill -0 $pid; }
must() { qmp "$@"; [[ $reply == *'"return"'* ]] || cannot "$1: ${reply:-$(<stderr)}"; }
send() { id=${2-$((n += 1))}; printf '%s\n' "${1%\}}, \"id\": \"#$id\"}" >&3; }
heard() { # whether one message holds all these texts; the last one that does is then in $message
  local line text found=1
  while IFS= read -r line; do
    for text; do [[ $line == *"$text"* ]] || continue 2; done
    message=$line found=0
  done <log
  return $found
}
await_that() { # await_that MS CONDITION...: until it holds, or QEMU is gone, at most so long
  local i
  for ((i = 0; i <= $1; i += 5)); do
    "${@:2}" && return
    lives || { "${@:2}"; return; }
    sleep 0.003
  done
  return 1
}
await() { await_that ${1}000 heard "$2"; }
qmp() { # sends a command and waits for its reply
  send "$@"
  await ${PATIENCE:-10} "\"id\": \"#$id\"" && reply=$message && return
  reply=''
  ! lives || cannot "no reply: $1"
}

truncate -s 65536 src.raw || cannot "no image: $(<errors)"
truncate -s 65536 dst.raw || cannot "no image: $(<errors)"
qemu-img create -q -f qcow2 saved.qcow2 65536 || cannot "no image: $(<errors)"
mkfifo monitor
qemu-system-x86_64 -machine pc -accel tcg -m 16 -S -nodefaults -display none --blockdev driver=raw,node-name=src,file.driver=file,file.filename=src.raw,file.node-name=src-file,file.discard=ignore --blockdev driver=raw,node-name=dst,file.driver=file,file.filename=dst.raw,file.node-name=dst-file,file.discard=ignore -qmp stdio <monitor >log 2>stderr & pid=$!
exec 3>monitor
must '{"execute": "qmp_capabilities"}'
# 1. device_add driver=virtio-blk-pci id=d0 drive=src
qmp '{"execute": "device_add", "arguments": {"driver": "virtio-blk-pci", "id": "d0", "drive": "src"}}'
# 2. migrate-set-capabilities capabilities=[{"capability":"events","state":true}]
qmp '{"execute": "migrate-set-capabilities", "arguments": {"capabilities": [{"capability": "events", "state": true}]}}'
# 3. migrate uri="exec:cat >/dev/null"
qmp '{"execute": "migrate", "arguments": {"uri": "exec:cat >/dev/null"}}'
# 4. await MIGRATION {"status":"completed"}
await_that 10000 heard '"event": "MIGRATION"' '"status": "completed"'
# 5. blockdev-snapshot node=src overlay=saved
qmp '{"execute": "blockdev-add", "arguments": {"driver": "qcow2", "node-name": "saved", "file": {"driver": "file", "filename": "saved.qcow2", "node-name": "saved-file", "discard": "ignore"}}}'
qmp '{"execute": "blockdev-snapshot", "arguments": {"node": "src", "overlay": "saved"}}'
# 6. cont
qmp '{"execute": "cont"}'
# 7. query-named-block-nodes flat=true
qmp '{"execute": "query-named-block-nodes", "arguments": {"flat": true}}'
[[ $reply != *'"active": false'* ]] || shows "$reply"
lives || cannot "QEMU died: $(tail -n 1 stderr)"
absent
