#!/usr/bin/env bash
# f0 in the end: 65537+65535 holds zero, not src:0
#
# Expected: The image that the guest's disk lies on in the end holds what the guest wrote, whatever jobs ran, failed or were cancelled: no acknowledged write is lost, and nothing else has changed.
#  (docs/interop/live-block-operations.rst: no operation changes what the guest sees of its disk; block-job-complete and snapshots change only the image that it lies on)
# Seen: f0 in the end: 65537+65535 holds zero, not src:0
# Claimed: afterwards read f0
#
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.

set -u
patience=${PATIENCE:-10} # seconds for an answer; an idle QEMU takes a millisecond
cannot() { echo "could not tell: $*" >&2; exit 2; }
shows() { echo "the defect shows: $*"; exit 1; }
absent() { echo "the defect does not show"; exit 0; }

if [ $# -gt 0 ]; then
  [ -x "$1/qemu-storage-daemon" ] || cannot "there is no qemu-storage-daemon in $1"
  PATH=$(cd "$1" && pwd):$PATH
fi
for program in qemu-storage-daemon qemu-img qemu-io; do
  command -v $program >/dev/null || cannot "there is no $program on PATH"
done
dir=$(mktemp -d) && cd "$dir" || cannot "no temporary directory"
trap 'exec 2>/dev/null; kill -KILL $(jobs -p); wait; cd /; rm -rf "$dir"' EXIT
trap 'exit 2' INT TERM HUP
trap '' PIPE
ulimit -c 0

declare -A status history
log=() message='' unfinished='' reply='' alive=yes left='' code=0

# Reads one message into $message, waiting up to $1 seconds; fails when none comes. Keeps each job's status.
hear() {
  local part='' id word
  if IFS= read -r -t "$1" -u "$from" part; then
    message=$unfinished$part unfinished=''
  else
    if [ $? -gt 128 ]; then unfinished+=$part; else alive=no; fi
    return 1
  fi
  message=${message%$'\r'}
  log+=("$message")
  [[ $message == '{"timestamp"'*'"JOB_STATUS_CHANGE"'* ]] || return 0
  id=${message##*'"id": "'} word=${message##*'"status": "'}
  status[${id%%'"'*}]=${word%%'"'*}
  history[${id%%'"'*}]+=" ${word%%'"'*}"
}

# send ID COMMAND [ARGUMENTS] does not wait for the reply; qmp does, and keeps it in $reply.
send() {
  local arguments=${3-}
  [ $alive = yes ] || return 0
  printf '{"%s": "%s", "arguments": %s, "id": "%s"}\n' "${execute-execute}" "$2" "${arguments:-"{}"}" "$1" >&"$to"
}
qmp() {
  local end=$((SECONDS + patience))
  reply=''
  send "$@"
  while [ $alive = yes ]; do
    if hear 1 && [[ $message != '{"timestamp"'* && $message == *'"id": "'"$1"'"'* ]]; then
      reply=$message
      return 0
    fi
    [ $SECONDS -lt $end ] || unanswered "$1" "$2"
  done
  return 1
}
# must ID COMMAND [ARGUMENTS]: part of the set-up, without which the rest means nothing.
must() {
  qmp "$@"
  [[ $reply == *'"return"'* && ($2 != human-monitor-command || $reply == *'"OK'*) ]] ||
    cannot "the set-up was refused: $2: ${reply:-no answer}"
}

# await MS CONDITION...: reads on until the condition holds, at most so long without news.
await() {
  local ms=$1 waited=0 end=$((SECONDS + 2 * patience))
  shift
  until "$@"; do
    [ $alive = yes ] && [ $waited -lt "$ms" ] && [ $SECONDS -lt $end ] || return 1
    hear 0.02 || waited=$((waited + 20))
  done
}
never() { false; }
gone() { [ $alive = no ]; }

# Waits for QEMU's end, and keeps in $code how it ended: 128 and the signal's number where a signal killed it.
finish() {
  await "$1" gone || return 1
  wait "$pid"
  code=$?
}
# heard TEXT...: one message holds all of these.
heard() {
  local line text
  for line in "${log[@]}"; do
    for text; do [[ $line == *"$text"* ]] || continue 2; done
    return 0
  done
  return 1
}
unanswered() { cannot "step $1 ($2) was not answered in $patience s"; }
declare -A guest_in guest_out guest_owes

# connect DISK: starts a qemu-io on the disk's export, which takes requests from a pipe.
connect() {
  local in out
  mkfifo "$1.in" "$1.out"
  qemu-io -f raw "nbd+unix:///$1?socket=nbd.sock" <"$1.in" >"$1.out" 2>&1 &
  exec {in}>"$1.in" {out}<"$1.out"
  guest_in[$1]=$in guest_out[$1]=$out guest_owes[$1]=1
  prompted "$1" || cannot "no guest can be connected to $1"
}
# Reads qemu-io's prompt for the request before, which so has ended.
prompted() {
  [ "${guest_owes[$1]}" = 1 ] || return 0
  IFS= read -r -t $patience -d '>' -u "${guest_out[$1]}" && guest_owes[$1]=0
}
# guest DISK REQUEST waits for its end, guest_send does not.
guest_send() {
  prompted "$1" || return 0
  echo "$2" >&"${guest_in[$1]}"
  guest_owes[$1]=1
}
guest() {
  guest_send "$@"
  prompted "$1" || [ $alive = no ] || stuck "$1" "$2"
}
stuck() { cannot "the guest's request does not end: $2 on $1"; }
# Resumes, cancels by force and dismisses whatever job is left; fails when one does not end.
settle() {
  local job end=$((SECONDS + 2 * patience))
  while [ $alive = yes ]; do
    while hear 0.05; do :; done
    left=''
    for job in "${!status[@]}"; do
      case ${status[$job]} in
      null) continue ;;
      concluded) qmp settle job-dismiss "{\"id\": \"$job\"}" ;;
      *)
        qmp settle block-job-set-speed "{\"device\": \"$job\", \"speed\": 0}"
        qmp settle job-resume "{\"id\": \"$job\"}"
        qmp settle job-cancel "{\"id\": \"$job\"}"
        ;;
      esac
      left+=" $job"
    done
    [ -n "$left" ] || return 0
    [ $SECONDS -lt $end ] || return 1
    await 200 never
  done
}

# The images.
qemu-img create -q -f qcow2 src.qcow2 1048576 || cannot "no image"
qemu-io -f qcow2 -c 'write -q -P 161 0 1048576' src.qcow2 || cannot "no image"

# QEMU, and what stands in it before the first step.
coproc QEMU { exec qemu-storage-daemon \
  --chardev stdio,id=monitor,signal=off \
  --monitor chardev=monitor 2>stderr; }
pid=$QEMU_PID
exec {from}<&"${QEMU[0]}" {to}>&"${QEMU[1]}" || cannot "QEMU does not start"
hear $patience || cannot "QEMU does not start: $(<stderr)"
must start qmp_capabilities

must set-up blockdev-add '{"driver": "file", "node-name": "src-file", "filename": "src.qcow2"}'
must set-up blockdev-add '{"driver": "qcow2", "node-name": "src", "file": "src-file"}'
must set-up nbd-server-start '{"addr": {"type": "unix", "data": {"path": "nbd.sock"}}}'
must set-up block-export-add '{"id": "export-src", "type": "nbd", "node-name": "src", "name": "src", "writable": true}'
connect src

# 1. drive-mirror j0: src -> f0 copy-mode=write-blocking sync=none
qmp 1 drive-mirror '{"copy-mode": "write-blocking", "device": "src", "job-id": "j0", "sync": "none", "target": "f0"}'

# 2. guest write src 1 at 64k
guest src 'write -P 2 65536 1'

# 3. complete (job-*) #0
qmp 3 job-complete '{"id": "j0"}'

# The end: faults are lifted, jobs cancelled by force, and what was made is removed.
settle
guest_send src quit
qmp remove block-export-del '{"id": "export-src", "mode": "hard"}'
await 5000 heard '"BLOCK_EXPORT_DELETED"' '"id": "export-src"'
qmp remove nbd-server-stop
qmp remove blockdev-del '{"node-name": "src"}'
qmp remove blockdev-del '{"node-name": "src-file"}'

send end quit
finish 20000 || cannot "QEMU does not quit"
found=$(qemu-io -f qcow2 -c 'read -P 161 65537 65535' f0 2>&1) || true
[[ $found == *'read 65535/'* ]] || cannot "$found"
[[ $found != *'Pattern verification failed'* ]] || shows 'f0: 65537+65535 does not hold src:0'
absent
