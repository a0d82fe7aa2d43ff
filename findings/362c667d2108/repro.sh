#!/usr/bin/env bash
# drive-mirror with sync=top, blockdev-reopen as qcow2, blockdev-del: SIGSEGV in bdrv_refresh_filename
# Seen: SIGSEGV
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-storage-daemon" ] || { echo "could not tell: there is no qemu-storage-daemon in $1" >&2; exit 2; }; fi

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
ended() { await_that ${1}000 false; ! lives; } # whether QEMU ends in so many seconds
statuses() { # the statuses that a job has had
  local line
  while IFS= read -r line; do
    [[ $line == *'{"status": "'*"\"id\": \"$1\"}"* ]] || continue
    line=${line##*'"status": "'}
    printf ' %s' "${line%%'"'*}"
  done <log
}
job_is() { [[ $(statuses "$1") == *" $2" ]]; }

qemu-img create -q -f qcow2 base.qcow2 1048576 || cannot "no image: $(<errors)"
qemu-io -f qcow2 -c 'write -q -P 161 0 65536' \
  -c 'write -q -P 161 131072 65536' \
  -c 'write -q -P 161 589824 65536' \
  -c 'write -q -P 161 983040 65536' base.qcow2 || cannot "no image: $(<errors)"
qemu-img create -q -f qcow2 -u -b base.qcow2 -F qcow2 src.qcow2 1048576 || cannot "no image: $(<errors)"
qemu-io -f qcow2 -c 'write -q -P 162 0 65536' \
  -c 'write -q -P 162 131072 65536' \
  -c 'write -q -P 162 655360 65536' \
  -c 'write -q -P 162 983040 65536' src.qcow2 || cannot "no image: $(<errors)"
mkfifo monitor
qemu-storage-daemon --blockdev driver=qcow2,node-name=base,file.driver=file,file.filename=base.qcow2,file.node-name=base-file,file.discard=ignore --blockdev driver=file,filename=src.qcow2,node-name=src-file --blockdev driver=qcow2,node-name=src,file=src-file,backing=base --chardev stdio,id=monitor --monitor chardev=monitor <monitor >log 2>stderr & pid=$!
exec 3>monitor
must '{"execute": "qmp_capabilities"}'
# 1. drive-mirror j0: src -> t.qcow2 sync=top
qmp '{"execute": "drive-mirror", "arguments": {"job-id": "j0", "device": "src", "target": "t.qcow2", "sync": "top"}}'
# 2. blockdev-reopen options=[{"driver":"qcow2","node-name":"src","file":"src-file","backing":null}]
qmp '{"execute": "blockdev-reopen", "arguments": {"options": [{"driver": "qcow2", "node-name": "src", "file": "src-file", "backing": null}]}}'
# 3. blockdev-del node-name=base
qmp '{"execute": "blockdev-del", "arguments": {"node-name": "base"}}'
# 4. complete j0
qmp '{"execute": "block-job-complete", "arguments": {"device": "j0"}}'
# 5. await gone
await_that 4 job_is j0 null
ended 2 || echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
[ $code -gt 128 ] && [ $code -ne 137 ] || absent
[ $code -eq 139 ] || cannot "QEMU died, but by signal $((code - 128))"
shows "QEMU was killed by signal $((code - 128)): $(tail -n 1 stderr)"
