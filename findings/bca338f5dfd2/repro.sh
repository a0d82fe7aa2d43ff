#!/usr/bin/env bash
# copy-before-write, a guest write: snapshot-access shows what the guest has written since
# Seen: past as what the disk held when the filter was put in: 0+65536 holds guest write 1 (acknowledged 31.6 ms), not src:0
# ./repro.sh [QEMU_BIN_DIR] does the steps, prints what QEMU says and exits 2: a script can not judge that.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-storage-daemon" ] || { echo "could not tell: there is no qemu-storage-daemon in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: A read of a snapshot-access node that ends well finds what the disk held when the copy-before-write filter below it was put in, whatever guests have written since by way of that filter.' "the defect shows: $*"; exit 1; }
absent() { known; echo "the defect does not show"; exit 0; }
dir=$(mktemp -d) && cd "$dir" || exit 2
trap 'kill -KILL $(jobs -p); wait; cd /; rm -rf "$dir"' EXIT
exec 9>&2 2>errors; trap '' PIPE; ulimit -c 0 # bash reports there how QEMU ends, too
type qemu-io >/dev/null || cannot "$(<errors)"
lives() { kill -0 $pid; }
must() { qmp "$@"; [[ $reply == *'"return"'* ]] || cannot "$1: ${reply:-$(<stderr)}"; }
guest_once() { # guest_once DISK OPTION...: qemu-io, as a client of the disk's export
  answer=$(timeout ${PATIENCE:-10} qemu-io -f raw "${@:2}" "nbd+unix:///$1?socket=nbd.sock" 2>&1)
  [ $? -ne 124 ] || ! lives || cannot "the guest's request does not end: $*"
}
qmp() { # sends a command and waits for its reply
  printf '%s\n' "${1%\}}, \"id\": \"#${2-}\"}" >&3
  while IFS= read -r -t ${PATIENCE:-10} reply <&4 || { [ $? -le 128 ] && sleep 0.1 && return 1; cannot "no reply: $1"; }; do
    echo "$reply" >>log
    [[ $reply != *"\"id\": \"#${2-}\""* ]] || return 0
  done
}

truncate -s 131072 src.raw || cannot "no image: $(<errors)"
qemu-io -f raw -c 'write -q -P 161 0 131072' src.raw || cannot "no image: $(<errors)"
truncate -s 131072 dst.raw || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --blockdev driver=raw,node-name=src,file.driver=file,file.filename=src.raw,file.node-name=src-file,file.discard=ignore --blockdev driver=raw,node-name=dst,file.driver=file,file.filename=dst.raw,file.node-name=dst-file,file.discard=ignore --blockdev node-name=cbw,driver=copy-before-write,file=src,target=dst --blockdev node-name=past,driver=snapshot-access,file=cbw --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
must '{"execute": "nbd-server-start", "arguments": {"addr": {"type": "unix", "data": {"path": "nbd.sock"}}}}'
must '{"execute": "block-export-add", "arguments": {"id": "export-src", "type": "nbd", "node-name": "cbw", "name": "src", "writable": true}}'
# 1. guest write src 64k at 0
guest_once src -c 'write -P 2 0 65536'
# Faults are lifted, what was made is removed
qmp '{"execute": "block-export-add", "arguments": {"id": "look-past-0", "type": "nbd", "node-name": "past", "name": "look-past-0", "writable": false}}'
cat log
cannot 'a script can'\''t tell; look above for what this script says under Seen'
