#!/usr/bin/env bash
# guest read 1 of src: 0+1048576 holds zero, not base:0
#
# Expected: A guest read that ended well finds, byte for byte, what some write that may have been in force between its begin and its end left there.
#  (docs/interop/live-block-operations.rst: operations run while the guest uses its disk, which stays the same for it; NBD protocol: a completed write is seen by reads that are sent after its reply)
# Seen: guest read 1 of src: 0+1048576 holds zero, not base:0
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
is() { [[ ${status[$1]-} == "$2" || ${status[$1]-} == null ]]; } # is JOB STATUS, or over
# heard TEXT...: one message holds all of these.
heard() {
  local line text
  for line in "${log[@]}"; do
    for text; do [[ $line == *"$text"* ]] || continue 2; done
    return 0
  done
  return 1
}
ready() { heard '"BLOCK_JOB_READY"' '"device": "'"$1"'"' || [[ ${status[$1]-} == null ]]; } # ready JOB, or over
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

# The images.
qemu-img create -q -f qcow2 base.qcow2 1048576 || cannot "no image"
qemu-io -f qcow2 -c 'write -q -P 161 0 1048576' base.qcow2 || cannot "no image"
qemu-img create -q -f qcow2 -u -b base.qcow2 -F qcow2 src.qcow2 1048576 || cannot "no image"
qemu-img create -q -f qcow2 -u -b base.qcow2 -F qcow2 dst.qcow2 1048576 || cannot "no image"

# QEMU, and what stands in it before the first step.
coproc QEMU { exec qemu-storage-daemon \
  --chardev stdio,id=monitor,signal=off \
  --monitor chardev=monitor 2>stderr; }
pid=$QEMU_PID
exec {from}<&"${QEMU[0]}" {to}>&"${QEMU[1]}" || cannot "QEMU does not start"
hear $patience || cannot "QEMU does not start: $(<stderr)"
must start qmp_capabilities

must set-up blockdev-add '{"driver": "qcow2", "node-name": "base", "file": {"driver": "file", "filename": "base.qcow2", "node-name": "base-file", "discard": "ignore"}}'
must set-up blockdev-add '{"driver": "qcow2", "node-name": "src", "file": {"driver": "file", "filename": "src.qcow2", "node-name": "src-file", "discard": "ignore"}, "backing": "base"}'
must set-up nbd-server-start '{"addr": {"type": "unix", "data": {"path": "nbd.sock"}}}'
must set-up block-export-add '{"id": "export-src", "type": "nbd", "node-name": "src", "name": "src", "writable": true}'
connect src

# 1. drive-mirror j0: src -> file of dst format=qcow2 mode=existing sync=top
qmp 1 drive-mirror '{"device": "src", "format": "qcow2", "job-id": "j0", "mode": "existing", "sync": "top", "target": "dst.qcow2"}'

# 2. await READY #0
await 10000 ready j0

# 3. complete j0
qmp 3 block-job-complete '{"device": "j0"}'

# 4. await gone #0
await 10000 is j0 null

# 5. guest read src 1M at 0
guest src 'read 0 1048576'
found=$(qemu-io -f raw -c 'read -P 161 0 1048576' 'nbd+unix:///src?socket=nbd.sock' 2>&1) || true
[[ $found == *'read 1048576/'* ]] || cannot "$found"
[[ $found != *'Pattern verification failed'* ]] || shows 'the guest reads from src: 0+1048576 does not hold base:0'

[ $alive = yes ] || cannot "QEMU died: $(tail -n 1 stderr)"
absent
