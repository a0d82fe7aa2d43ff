#!/usr/bin/env bash
# SIGABRT: qemu-storage-daemon: block.c:2962: bdrv_replace_child_noperm: Assertion `!child->frozen' failed.
#
# Expected: No command, however wrong, ends QEMU by a signal.
#  (docs/interop/qmp-spec.rst: every command is answered by a success or an error response)
# Seen: SIGABRT: qemu-storage-daemon: block.c:2962: bdrv_replace_child_noperm: Assertion `!child->frozen' failed.
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
unanswered() { cannot "step $1 ($2) was not answered in $patience s"; }
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
truncate -s 65536 base.raw || cannot "no image"
qemu-img create -q -f qcow2 -u -b base.raw -F raw mid1.qcow2 1048576 || cannot "no image"
qemu-io -f qcow2 -c 'write -q -P 162 0 131072' \
  -c 'write -q -P 162 589824 65536' \
  -c 'write -q -P 162 983040 65536' mid1.qcow2 || cannot "no image"
qemu-img create -q -f qcow2 -u -b mid1.qcow2 -F qcow2 src.qcow2 65536 || cannot "no image"

# QEMU, and what stands in it before the first step.
coproc QEMU { exec qemu-storage-daemon \
  --chardev stdio,id=monitor,signal=off \
  --monitor chardev=monitor 2>stderr; }
pid=$QEMU_PID
exec {from}<&"${QEMU[0]}" {to}>&"${QEMU[1]}" || cannot "QEMU does not start"
hear $patience || cannot "QEMU does not start: $(<stderr)"
must start qmp_capabilities

must set-up blockdev-add '{"driver": "raw", "node-name": "base", "file": {"driver": "file", "filename": "base.raw", "node-name": "base-file", "discard": "ignore"}}'
must set-up blockdev-add '{"driver": "qcow2", "node-name": "mid1", "file": {"driver": "file", "filename": "mid1.qcow2", "node-name": "mid1-file", "discard": "ignore"}, "backing": "base"}'
must set-up blockdev-add '{"driver": "qcow2", "node-name": "src", "file": {"driver": "file", "filename": "src.qcow2", "node-name": "src-file", "discard": "ignore"}, "backing": "mid1"}'

# 1. commit j0: src filter-node-name=a speed=1 top-node=mid1
qmp 1 block-commit '{"device": "src", "filter-node-name": "a", "job-id": "j0", "speed": 1, "top-node": "mid1"}'

# 2. fault inject src errno=EIO
qmp 2a blockdev-add '{"driver": "blkdebug", "node-name": "src-fault", "image": "src-file", "inject-error": [{"event": "none", "errno": 5}]}'
qmp 2b blockdev-add '{"driver": "raw", "node-name": "src-valve", "file": "src-fault"}'
qmp 2 blockdev-reopen '{"options": [{"driver": "qcow2", "node-name": "src", "file": "src-valve", "backing": "mid1"}]}'

# The end: faults are lifted, jobs cancelled by force, and what was made is removed.
settle

finish 2000 || { send end quit; finish 20000; } || cannot "QEMU does not quit"
[ $code -gt 128 ] && [ $code -ne 137 ] || absent
words='bdrv_replace_child_noperm: Assertion `!child->frozen'\'' failed'
[[ $(<stderr) == *"$words"* ]] ||
  cannot "QEMU died, but of something else: $(tail -n 1 stderr)"
shows "QEMU was killed by signal $((code - 128)): $(tail -n 1 stderr)"
