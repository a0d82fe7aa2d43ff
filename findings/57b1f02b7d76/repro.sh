#!/usr/bin/env bash
# a guest write: the guest's write fails
# Seen: the guest's write failed: Invalid argument
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-storage-daemon" ] || { echo "could not tell: there is no qemu-storage-daemon in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: Under on-cbw-error=break-guest-write with a cbw-timeout a guest'\''s write through a copy-before-write filter does not fail before that time is over. Judged where nothing but limits is done to the disks, and no other request was under way.' "the defect shows: $*"; exit 1; }
absent() { known; echo "the defect does not show"; exit 0; }
dir=$(mktemp -d) && cd "$dir" || exit 2
trap 'kill -KILL $(jobs -p); wait; cd /; rm -rf "$dir"' EXIT
exec 9>&2 2>errors; trap '' PIPE; ulimit -c 0 # bash reports there how QEMU ends, too
type qemu-io >/dev/null || cannot "$(<errors)"
lives() { kill -0 $pid; }
must() { qmp "$@"; [[ $reply == *'"return"'* ]] || cannot "$1: ${reply:-$(<stderr)}"; }
guest_connect() { # guest_connect DISK: qemu-io on the disk's export, with a pipe to it and one from it
  local in out
  rm -f "$1.in" "$1.out"
  mkfifo "$1.in" "$1.out"
  qemu-io -f raw "nbd+unix:///$1?socket=nbd.sock" <"$1.in" >"$1.out" 2>&1 &
  exec {in}>"$1.in" {out}<"$1.out"
  to[$1]=$in from[$1]=$out owes[$1]=1
  prompted "$1" || cannot "no guest can be connected to $1"
}
prompted() { # reads qemu-io's prompt: the request before is done, or well under way
  [ ${owes[$1]} = 0 ] || IFS= read -r -t ${PATIENCE:-10} -d '>' -u ${from[$1]} answer && owes[$1]=0
}
guest_send() { prompted "$1" && echo "$2" >&${to[$1]} && owes[$1]=1; } # guest_send DISK REQUEST
guest() { # the same, and waits for its end
  guest_send "$@"
  prompted "$1" || ! lives || cannot "the guest's request does not end: $2 on $1"
}
qmp() { # sends a command and waits for its reply
  printf '%s\n' "${1%\}}, \"id\": \"#${2-}\"}" >&3
  while IFS= read -r -t ${PATIENCE:-10} reply <&4 || { [ $? -le 128 ] && sleep 0.1 && return 1; cannot "no reply: $1"; }; do
    echo "$reply" >>log
    [[ $reply != *"\"id\": \"#${2-}\""* ]] || return 0
  done
}

truncate -s 1048576 src.raw || cannot "no image: $(<errors)"
truncate -s 1048576 old.raw || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-storage-daemon --object throttle-group,id=throttle-old --blockdev driver=raw,node-name=src,file.driver=file,file.filename=src.raw,file.node-name=src-file,file.discard=ignore --blockdev driver=file,filename=old.raw,node-name=old-file --blockdev driver=throttle,node-name=old-throttle,throttle-group=throttle-old,file=old-file --blockdev driver=raw,node-name=old,file=old-throttle --chardev stdio,id=monitor --monitor chardev=monitor <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
must '{"execute": "qom-set", "arguments": {"path": "/objects/throttle-old", "property": "limits", "value": {"bps-total": 40000, "iops-total": 0}}}'
must '{"execute": "blockdev-add", "arguments": {"node-name": "cbw", "driver": "copy-before-write", "file": "src", "target": "old", "cbw-timeout": 5}}'
must '{"execute": "nbd-server-start", "arguments": {"addr": {"type": "unix", "data": {"path": "nbd.sock"}}}}'
must '{"execute": "block-export-add", "arguments": {"id": "export-src", "type": "nbd", "node-name": "cbw", "name": "src", "writable": true}}'
declare -A to from owes
guest_connect src
# 1. guest write src 64k at 0
guest src 'write -P 2 0 65536'
# 2. guest write src 64k at 64k
guest src 'write -P 3 65536 65536'
[[ $answer != *' failed: '* ]] || shows "the guest's request fails: $answer"
lives || cannot "QEMU died: $(tail -n 1 stderr)"
absent
