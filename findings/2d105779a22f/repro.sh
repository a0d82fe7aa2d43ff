#!/usr/bin/env bash
# blockdev-add of blkdebug, blockdev-reopen as qcow2: the guest reads zeroes in place of what it wrote
# Seen: src in the end: 0+512 holds zero, not guest write 1 (acknowledged 288.0 ms); 4608+28672 holds zero, not guest write 1 (acknowledged 288.0 ms) or guest write 2 (acknowledged 288.1 ms); 33280+32256 holds zero, not guest write 1 (acknowledged 288.0 ms)
# Claimed: afterwards read src
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-system-x86_64" ] || { echo "could not tell: there is no qemu-system-x86_64 in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: A mirror with sync=full that is cancelled after READY leaves on the target what the source held then; one that is completed leaves on the source what it held until then.' "the defect shows: $*"; exit 1; }
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
ended() { timeout $1 cat <&4 >>log; } # whether QEMU ends in so many seconds

qemu-img create -q -f qcow2 src.qcow2 65536 || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-system-x86_64 -machine none -nodefaults -display none --blockdev driver=file,filename=src.qcow2,node-name=src-file --blockdev driver=qcow2,node-name=src,file=src-file -qmp stdio <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
must '{"execute": "nbd-server-start", "arguments": {"addr": {"type": "unix", "data": {"path": "nbd.sock"}}}}'
must '{"execute": "block-export-add", "arguments": {"id": "export-src", "type": "nbd", "node-name": "src", "name": "src", "writable": true}}'
declare -A to from owes
guest_connect src
# 1. guest write src 64k at 0 (not waited for)
guest_send src 'aio_write -P 2 0 65536'
# 2. guest write src 32k at 512 (not waited for)
guest_send src 'aio_write -P 3 512 32768'
# 3. blockdev-add driver=blkdebug node-name=other image=src-file
qmp '{"execute": "blockdev-add", "arguments": {"driver": "blkdebug", "node-name": "other", "image": "src-file"}}'
# 4. blockdev-reopen options=[{"driver":"qcow2","node-name":"src","file":"other"}]
qmp '{"execute": "blockdev-reopen", "arguments": {"options": [{"driver": "qcow2", "node-name": "src", "file": "other"}]}}'
# 5. guest zero src 4k at 512
guest src 'write -z 512 4096'
# 
guest src aio_flush
echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
found=$(qemu-io -f qcow2 -c 'read -P 2 0 512' src.qcow2 2>&1) || true
[[ $found == *'read 512/'* ]] || cannot "$found"
[[ $found != *'Pattern verification failed'* ]] || shows 'src: 0+512 does not hold guest write 1 (acknowledged 288.0 ms)'
found=$(qemu-io -f qcow2 -c 'read -P 2 33280 32256' src.qcow2 2>&1) || true
[[ $found == *'read 32256/'* ]] || cannot "$found"
[[ $found != *'Pattern verification failed'* ]] || shows 'src: 33280+32256 does not hold guest write 1 (acknowledged 288.0 ms)'
absent
