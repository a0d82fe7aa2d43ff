#!/usr/bin/env bash
# blockdev-reopen of a node named twice (refused): job-resume leaves the mirror job standing still
# Seen: job j0 was resumed, and standby 2522 ms later
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-storage-daemon" ] || { echo "could not tell: there is no qemu-storage-daemon in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: A job whose resume was accepted leaves paused or standby.' "the defect shows: $*"; exit 1; }
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
  ! lives || shows "no reply: $1"
}
statuses() { # the statuses that a job has had
  local line
  while IFS= read -r line; do
    [[ $line == *'{"status": "'*"\"id\": \"$1\"}"* ]] || continue
    line=${line##*'"status": "'}
    printf ' %s' "${line%%'"'*}"
  done <log
}
status_of() { local all=$(statuses "$1"); echo "${all##* }"; }

truncate -s 65536 src.raw || cannot "no image: $(<errors)"
truncate -s 65536 dst.raw || cannot "no image: $(<errors)"
mkfifo monitor
qemu-storage-daemon --blockdev driver=file,filename=src.raw,node-name=src-file --blockdev driver=raw,node-name=src,file=src-file --blockdev driver=raw,node-name=dst,file.driver=file,file.filename=dst.raw,file.node-name=dst-file,file.discard=ignore --chardev stdio,id=monitor --monitor chardev=monitor <monitor >log 2>stderr & pid=$!
exec 3>monitor
must '{"execute": "qmp_capabilities"}'
# 1. mirror j0: src -> dst sync=full
qmp '{"execute": "blockdev-mirror", "arguments": {"device": "src", "job-id": "j0", "sync": "full", "target": "dst"}}'
# 2. pause #0
qmp '{"execute": "block-job-pause", "arguments": {"device": "j0"}}'
# 3. blockdev-reopen options=[{"driver":"qcow2","file":"src-file","node-name":"src"},{"driver":"qc...
qmp '{"execute": "blockdev-reopen", "arguments": {"options": [{"driver": "qcow2", "file": "src-file", "node-name": "src"}, {"driver": "qcow2", "file": "src-file", "node-name": "src"}]}}'
# Whatever still stands is resumed, and has to go on.
before=$(statuses j0)
[[ $before == *@(paused|standby) ]] || absent
qmp '{"execute": "job-resume", "arguments": {"id": "j0"}}'
went_on() { [[ $(statuses j0) != "$before" ]]; }
await_that 5000 went_on || shows "the job was resumed, and stands still: $(status_of j0)"
absent
