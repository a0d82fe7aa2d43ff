#!/usr/bin/env bash
# src until the mirror was completed: 0+19 holds zero, not guest write 1 (acknowledged 30.9 ms); 19+989 holds zero, not guest write 1 (acknowledged 30.9 ms) or guest write 2 (acknowledged 31.1 ms)
#
# Expected: A mirror with sync=full that is cancelled after READY leaves on the target what the source held then; one that is completed leaves on the source what it held until then.
#  (docs/interop/live-block-operations.rst, drive-mirror: "a point-in-time copy ... at the time of triggering block-job-cancel"; qapi/block-core.json, block-job-complete: switches the device to the target)
# Seen: src until the mirror was completed: 0+19 holds zero, not guest write 1 (acknowledged 30.9 ms); 19+989 holds zero, not guest write 1 (acknowledged 30.9 ms) or guest write 2 (acknowledged 31.1 ms)
# Claimed: afterwards read src
#
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.

set -u
patience=${PATIENCE:-10} # seconds for an answer; an idle QEMU takes a millisecond
cannot() { echo "could not tell: $*" >&2; exit 2; }
shows() { echo "the defect shows: $*"; exit 1; }
absent() { echo "the defect does not show"; exit 0; }

if [ $# -gt 0 ]; then
  [ -x "$1/qemu-system-x86_64" ] || cannot "there is no qemu-system-x86_64 in $1"
  PATH=$(cd "$1" && pwd):$PATH
fi
for program in qemu-system-x86_64 qemu-img qemu-io; do
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
qemu-img create -q -f qcow2 src.qcow2 65536 || cannot "no image"

# QEMU, and what stands in it before the first step.
coproc QEMU { exec qemu-system-x86_64 \
  -machine none -nodefaults -no-user-config -display none \
  -chardev stdio,id=monitor,signal=off \
  -mon chardev=monitor,mode=control 2>stderr; }
pid=$QEMU_PID
exec {from}<&"${QEMU[0]}" {to}>&"${QEMU[1]}" || cannot "QEMU does not start"
hear $patience || cannot "QEMU does not start: $(<stderr)"
must start qmp_capabilities

must set-up blockdev-add '{"driver": "qcow2", "node-name": "src", "file": {"driver": "file", "filename": "src.qcow2", "node-name": "src-file", "discard": "ignore"}}'
must set-up nbd-server-start '{"addr": {"type": "unix", "data": {"path": "nbd.sock"}}}'
must set-up block-export-add '{"id": "export-src", "type": "nbd", "node-name": "src", "name": "src", "writable": true}'
connect src

# 1. drive-mirror j0: src -> f0.qcow2 sync=full
qmp 1 drive-mirror '{"device": "src", "job-id": "j0", "sync": "full", "target": "f0.qcow2"}'

# 2. guest write src 64k at 0 (not waited for)
guest_send src 'aio_write -P 2 0 65536'

# 3. guest write src 64k at 19 (not waited for)
guest_send src 'aio_write -P 3 19 65517'

# 4. fault inject src iotype=read errno=EIO
qmp 4a blockdev-add '{"driver": "blkdebug", "node-name": "src-fault", "image": "src-file", "inject-error": [{"event": "none", "errno": 5, "iotype": "read"}]}'
qmp 4 blockdev-reopen '{"options": [{"driver": "qcow2", "node-name": "src", "file": "src-fault"}]}'

# 5. guest zero src 64k at 1008
guest src 'write -z 1008 64528'

# 6. complete #0
qmp 6 block-job-complete '{"device": "j0"}'

# The end: faults are lifted, jobs cancelled by force, and what was made is removed.
qmp lift blockdev-reopen '{"options": [{"driver": "qcow2", "node-name": "src", "file": "src-file"}]}'
qmp lift blockdev-del '{"node-name": "src-fault"}'
settle
guest_send src quit
qmp remove block-export-del '{"id": "export-src", "mode": "hard"}'
await 5000 heard '"BLOCK_EXPORT_DELETED"' '"id": "export-src"'
qmp remove nbd-server-stop
qmp remove blockdev-del '{"node-name": "src"}'

send end quit
finish 20000 || cannot "QEMU does not quit"
found=$(qemu-io -f qcow2 -c 'read -P 2 0 19' src.qcow2 2>&1) || true
[[ $found == *'read 19/'* ]] || cannot "$found"
[[ $found != *'Pattern verification failed'* ]] || shows 'src: 0+19 does not hold guest write 1 (acknowledged 30.9 ms)'
absent
