#!/usr/bin/env bash
# blockdev-mirror, migrate while it copies: assertion in bdrv_co_write_req_prepare
# Seen: SIGABRT: qemu-system-x86_64: block/io.c:1993: bdrv_co_write_req_prepare: Assertion `!(bs->open_flags & BDRV_O_INACTIVE)' failed.
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
ready_or_over() { heard '"BLOCK_JOB_READY"' "\"device\": \"$1\"" || job_is "$1" null; }

truncate -s 1048576 src.raw || cannot "no image: $(<errors)"
qemu-io -f raw -c 'write -q -P 161 0 1048576' src.raw || cannot "no image: $(<errors)"
truncate -s 1048576 dst.raw || cannot "no image: $(<errors)"
mkfifo monitor
qemu-system-x86_64 -machine none -nodefaults -display none --blockdev driver=raw,node-name=src,file.driver=file,file.filename=src.raw,file.node-name=src-file,file.discard=ignore --blockdev driver=raw,node-name=dst,file.driver=file,file.filename=dst.raw,file.node-name=dst-file,file.discard=ignore -qmp stdio <monitor >log 2>stderr & pid=$!
exec 3>monitor
must '{"execute": "qmp_capabilities"}'
# 1. migrate-set-capabilities capabilities=[{"capability":"events","state":true}]
qmp '{"execute": "migrate-set-capabilities", "arguments": {"capabilities": [{"capability": "events", "state": true}]}}'
# 2. mirror j0: src -> dst sync=full speed=65536 buf-size=65536
qmp '{"execute": "blockdev-mirror", "arguments": {"job-id": "j0", "device": "src", "target": "dst", "sync": "full", "speed": 65536, "buf-size": 65536}}'
# 3. migrate uri="exec:cat >/dev/null"
qmp '{"execute": "migrate", "arguments": {"uri": "exec:cat >/dev/null"}}'
# 4. await MIGRATION {"status":"completed"}
await_that 10000 heard '"event": "MIGRATION"' '"status": "completed"'
# 5. set-speed j0 speed=0
qmp '{"execute": "block-job-set-speed", "arguments": {"device": "j0", "speed": 0}}'
# 6. await READY
await_that 30 ready_or_over j0
ended 2 || echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
[ $code -gt 128 ] && [ $code -ne 137 ] || absent
[[ $(<stderr) == *'bdrv_co_write_req_prepare: Assertion `!(bs->open_flags & BDRV_O_INACTIVE)'\'' failed'* ]] || cannot "QEMU died of something else: $(tail -n 1 stderr)"
shows "QEMU was killed by signal $((code - 128)): $(tail -n 1 stderr)"
