#!/usr/bin/env bash
# blockdev-mirror of a disk that the guest writes to: SIGSEGV in the mirror's filter
# Seen: SIGSEGV
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-system-x86_64" ] || { echo "could not tell: there is no qemu-system-x86_64 in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: No command, however wrong, ends QEMU by a signal.' "the defect shows: $*"; exit 1; }
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
send() { printf '%s\n' "${1%\}}, \"id\": \"#${2-}\"}" >&3; }
qmp() { # sends a command and waits for its reply
  printf '%s\n' "${1%\}}, \"id\": \"#${2-}\"}" >&3
  while IFS= read -r -t ${PATIENCE:-10} reply <&4 || { [ $? -le 128 ] && sleep 0.1 && return 1; cannot "no reply: $1"; }; do
    echo "$reply" >>log
    [[ $reply != *"\"id\": \"#${2-}\""* ]] || return 0
  done
}
ended() { timeout $1 cat <&4 >>log; } # whether QEMU ends in so many seconds

truncate -s 65536 src.raw || cannot "no image: $(<errors)"
truncate -s 65536 t0.raw || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-system-x86_64 -machine none -nodefaults -display none --blockdev driver=raw,node-name=src,file.driver=file,file.filename=src.raw,file.node-name=src-file,file.discard=ignore -qmp stdio <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
must '{"execute": "nbd-server-start", "arguments": {"addr": {"type": "unix", "data": {"path": "nbd.sock"}}}}'
must '{"execute": "block-export-add", "arguments": {"id": "export-src", "type": "nbd", "node-name": "src", "name": "src", "writable": true}}'
declare -A to from owes
guest_connect src
# 1. mirror j0: src -> t0 sync=full (not waited for)
qmp '{"execute": "blockdev-add", "arguments": {"driver": "raw", "node-name": "t0", "file": {"driver": "file", "filename": "t0.raw", "node-name": "t0-file", "discard": "ignore"}}}'
send '{"execute": "blockdev-mirror", "arguments": {"device": "src", "target": "t0", "sync": "full", "job-id": "j0"}}' step1
# 2. guest write src 64k at 0 (not waited for)
guest_send src 'aio_write -P 2 0 65536'
# 3. guest write src 64k at 0 (not waited for)
guest_send src 'aio_write -P 3 0 65536'
# 4. guest write src 64k at 0
guest src 'write -P 4 0 65536'
# 
guest src aio_flush
ended 2 || echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
[ $code -gt 128 ] && [ $code -ne 137 ] || absent
[ $code -eq 139 ] || cannot "QEMU died, but by signal $((code - 128))"
shows "QEMU was killed by signal $((code - 128)): $(tail -n 1 stderr)"
