#!/usr/bin/env bash
# drive-backup of a mirror's source (refused): the guest's next requests never end
# Seen: the guest's read, asked for after drive-backup was refused, has not ended 32335 ms after everything else has
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-storage-daemon" ] || { echo "could not tell: there is no qemu-storage-daemon in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: A guest'\''s request ends while the machine runs, where no job is there, no fault is armed and no limit set; at the latest it ends when QEMU settles: every job has ended, and faults are lifted.' "the defect shows: $*"; exit 1; }
absent() { known; echo "the defect does not show"; exit 0; }
dir=$(mktemp -d) && cd "$dir" || exit 2
trap 'kill -KILL $(jobs -p); wait; cd /; rm -rf "$dir"' EXIT
exec 9>&2 2>errors; trap '' PIPE; ulimit -c 0 # bash reports there how QEMU ends, too
type qemu-io >/dev/null || cannot "$(<errors)"
lives() { kill -0 $pid; }
must() { qmp "$@"; [[ $reply == *'"return"'* ]] || cannot "$1: ${reply:-$(<stderr)}"; }
guest_once() { # guest_once DISK OPTION...: qemu-io, as a client of the disk's export
  answer=$(timeout ${PATIENCE:-10} qemu-io -f raw "${@:2}" "nbd+unix:///$1?socket=nbd.sock" 2>&1)
  [ $? -ne 124 ] || ! lives || shows "the guest's request does not end: $*"
}
qmp() { # sends a command and waits for its reply
  printf '%s\n' "${1%\}}, \"id\": \"#${2-}\"}" >&3
  while IFS= read -r -t ${PATIENCE:-10} reply <&4 || { [ $? -le 128 ] && sleep 0.1 && return 1; shows "no reply: $1"; }; do
    echo "$reply" >>log
    [[ $reply != *"\"id\": \"#${2-}\""* ]] || return 0
  done
}
await() { # await SECONDS TEXT: reads on until a message has it
  until [[ $(<log) == *"$2"* ]]; do IFS= read -r -t $1 reply <&4 || return; echo "$reply" >>log; done
}

qemu-img create -q -f qcow2 src.qcow2 65536 || cannot "no image: $(<errors)"
qemu-io -f qcow2 -c 'write -q -P 161 0 65536' src.qcow2 || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --blockdev driver=qcow2,node-name=src,file.driver=file,file.filename=src.qcow2,file.node-name=src-file,file.discard=ignore --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
must '{"execute": "nbd-server-start", "arguments": {"addr": {"type": "unix", "data": {"path": "nbd.sock"}}}}'
must '{"execute": "block-export-add", "arguments": {"id": "export-src", "type": "nbd", "node-name": "src", "name": "src", "writable": true}}'
# 1. drive-mirror j0: src -> f0.qcow2 format=qcow2 sync=top
qmp '{"execute": "drive-mirror", "arguments": {"device": "src", "format": "qcow2", "job-id": "j0", "sync": "top", "target": "f0.qcow2"}}'
# 2. drive-backup h1: src -> m0 sync=full
qmp '{"execute": "drive-backup", "arguments": {"device": "src", "job-id": "h1", "sync": "full", "target": "m0"}}'
# 3. guest write src 64k at 0
guest_once src -c 'write -P 2 0 65536'
# The jobs are ended
qmp '{"execute": "block-job-set-speed", "arguments": {"device": "j0", "speed": 0}}'
qmp '{"execute": "job-cancel", "arguments": {"id": "j0"}}'
await 10 '{"status": "null", "id": "j0"}'
lives || cannot "QEMU died: $(tail -n 1 stderr)"
absent
