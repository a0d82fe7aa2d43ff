#!/usr/bin/env bash
# transaction was not answered in 5010 ms
#
# Expected: Every command is answered in bounded time while no fault holds QEMU or its storage.
#  (docs/interop/qmp-spec.rst: the server answers every command; the slowest legal answer measured took 1.5 s)
# Seen: transaction was not answered in 5010 ms
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
for program in qemu-system-x86_64 qemu-img; do
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
unanswered() { shows "step $1: $2 is not answered in $patience s"; }

# The images.
truncate -s 65536 c.raw || cannot "no image"
truncate -s 65536 b.raw || cannot "no image"
truncate -s 65536 e.raw || cannot "no image"
truncate -s 65536 a.raw || cannot "no image"

# QEMU, and what stands in it before the first step.
coproc QEMU { exec qemu-system-x86_64 \
  -machine none -nodefaults -no-user-config -display none \
  -chardev stdio,id=monitor,signal=off \
  -mon chardev=monitor,mode=control 2>stderr; }
pid=$QEMU_PID
exec {from}<&"${QEMU[0]}" {to}>&"${QEMU[1]}" || cannot "QEMU does not start"
hear $patience || cannot "QEMU does not start: $(<stderr)"
must start qmp_capabilities

must set-up blockdev-add '{"driver": "file", "node-name": "c-file", "filename": "c.raw"}'
must set-up blockdev-add '{"driver": "raw", "node-name": "c", "file": "c-file"}'

# 1. transaction actions=[{"type":"blockdev-backup","data":{"job-id":"j0","device":"a","target... properties={"completion-mode":"grouped"}
qmp 1a blockdev-add '{"driver": "file", "node-name": "b-file", "filename": "b.raw"}'
qmp 1b blockdev-add '{"driver": "raw", "node-name": "b", "file": "b-file"}'
qmp 1c blockdev-add '{"driver": "file", "node-name": "e-file", "filename": "e.raw"}'
qmp 1d blockdev-add '{"driver": "raw", "node-name": "e", "file": "e-file"}'
qmp 1e blockdev-add '{"driver": "file", "node-name": "a-file", "filename": "a.raw"}'
qmp 1f blockdev-add '{"driver": "raw", "node-name": "a", "file": "a-file"}'
qmp 1 transaction '{"actions": [{"type": "blockdev-backup", "data": {"job-id": "j0", "device": "a", "target": "b", "sync": "full"}}, {"type": "blockdev-backup", "data": {"job-id": "j1", "device": "c", "target": "e", "sync": "full"}}, {"type": "blockdev-backup", "data": {"device": "a", "target": "a", "sync": "full"}}], "properties": {"completion-mode": "grouped"}}'

[ $alive = yes ] || cannot "QEMU died: $(tail -n 1 stderr)"
absent
