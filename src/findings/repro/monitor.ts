/** What every reproducer begins with: QEMU's monitor, read line by line. */
export const monitor = `\
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
  message=\${message%$'\\r'}
  log+=("$message")
  [[ $message == '{"timestamp"'*'"JOB_STATUS_CHANGE"'* ]] || return 0
  id=\${message##*'"id": "'} word=\${message##*'"status": "'}
  status[\${id%%'"'*}]=\${word%%'"'*}
  history[\${id%%'"'*}]+=" \${word%%'"'*}"
}

# send ID COMMAND [ARGUMENTS] does not wait for the reply; qmp does, and keeps it in $reply.
send() {
  local arguments=\${3-}
  [ $alive = yes ] || return 0
  printf '{"%s": "%s", "arguments": %s, "id": "%s"}\\n' "\${execute-execute}" "$2" "\${arguments:-"{}"}" "$1" >&"$to"
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
    cannot "the set-up was refused: $2: \${reply:-no answer}"
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
}`;

/** Conditions for `await`, each there only where a step uses it. */
export const conditions = {
  is: `is() { [[ \${status[$1]-} == "$2" || \${status[$1]-} == null ]]; } # is JOB STATUS, or over`,
  was: `was() { [[ " \${history[$1]-} " == *" $2 "* || \${status[$1]-} == null ]]; } # was JOB STATUS, or is over`,
  heard: `\
# heard TEXT...: one message holds all of these.
heard() {
  local line text
  for line in "\${log[@]}"; do
    for text; do [[ $line == *"$text"* ]] || continue 2; done
    return 0
  done
  return 1
}`,
  ready: `ready() { heard '"BLOCK_JOB_READY"' '"device": "'"$1"'"' || [[ \${status[$1]-} == null ]]; } # ready JOB, or over`,
  replied: `\
# replied ID...: these commands are answered.
replied() {
  local id
  for id; do heard '"id": "'"$id"'"' || return 1; done
}`,
  reply_to: `\
# reply_to ID: the command that was not waited for is answered; puts that into $reply.
reply_to() {
  local line
  for line in "\${log[@]}"; do
    [[ $line != '{"timestamp"'* && $line == *'"id": "'"$1"'"'* ]] && reply=$line && return 0
  done
  return 1
}`,
  copied: `\
# copied JOB: its offset has reached its len; or it is gone.
copied() {
  local job len offset
  qmp progress query-block-jobs || return 0
  while IFS= read -r -d '}' job; do
    [[ $job == *'"device": "'"$1"'"'* ]] || continue
    len=\${job##*'"len": '} offset=\${job##*'"offset": '}
    [[ \${len%%,*} == "\${offset%%,*}" && (\${len%%,*} != 0 || $job == *'"ready": true'*) ]]
    return
  done <<<"$reply"
}`,
  story_of: `\
# story_of JOB ID...: puts into $told, in short, what the job says and what is answered to these commands, in order.
story_of() {
  local line name key word words id ids=" \${*:2} "
  told=()
  for line in "\${log[@]}"; do
    if [[ $line == '{"timestamp"'* ]]; then
      [[ $line == *'"device": "'"$1"'"'* || ($line == *'"JOB_STATUS_CHANGE"'* && $line == *'"id": "'"$1"'"'*) ]] || continue
      name=\${line##*'"event": "'} words=\${name%%'"'*}
      for key in status operation action error; do
        [[ $line == *'"'$key'": "'* ]] || continue
        word=\${line##*'"'$key'": "'} words+=" \${word%%'"'*}"
      done
      told+=("$words")
    else
      id=\${line##*'"id": "'} id=\${id%%'"'*}
      [[ $ids == *" $id "* ]] || continue
      if [[ $line == *'"error": {"class": "'* ]]; then
        word=\${line##*'"class": "'} told+=("$id \${word%%'"'*}")
      else
        told+=("$id ok")
      fi
    fi
  done
}`,
  figures_of: `\
# figures_of JOB: puts into $figures all that was said of the job, in order: event, status or "shown" (by a query), offset,
# len, speed, microsecond. What a message does not say is as it was before.
figures_of() {
  local line part key word what offset=0 len=0 speed=0 us=0
  figures=()
  for line in "\${log[@]}"; do
    if [[ $line == '{"timestamp"'* ]]; then
      word=\${line##*'"seconds": '} us=\${word%%,*}
      word=\${line##*'"microseconds": '} word=\${word%%'}'*}
      us=$((us * 1000000 + 10#$word))
    fi
    while IFS= read -r -d '}' part; do
      [[ $part == *'"device": "'"$1"'"'* || $part == *'"id": "'"$1"'"'* ]] || continue
      what=shown
      [[ $part != *'"event": "'* ]] || { word=\${part##*'"event": "'} what=\${word%%'"'*}; }
      [ $what != JOB_STATUS_CHANGE ] || { word=\${part##*'"status": "'} what=\${word%%'"'*}; }
      [ $what != created ] || offset=0 len=0
      for key in offset current-progress; do
        [[ $part != *'"'$key'": '* ]] || { word=\${part##*'"'$key'": '} offset=\${word%%,*}; }
      done
      for key in len total-progress; do
        [[ $part != *'"'$key'": '* ]] || { word=\${part##*'"'$key'": '} len=\${word%%,*}; }
      done
      [[ $part != *'"speed": '* ]] || { word=\${part##*'"speed": '} speed=\${word%%,*}; }
      figures+=("$what $offset $len $speed $us")
    done <<<"$line"
  done
}`,
  entry_of: `\
# entry_of JOB: puts into $entry what the reply shows of the job.
entry_of() {
  while IFS= read -r -d '}' entry; do
    entry+=,
    [[ $entry == *'"device": "'"$1"'"'* || $entry == *'"id": "'"$1"'"'* ]] && return 0
  done <<<"$reply"
  return 1
}`,
  locked: `locked() { [[ $(qemu-img info -f "$2" "$1" 2>&1) == *lock* ]]; } # locked IMAGE FORMAT`,
} as const;

export type MonitorCondition = keyof typeof conditions;
