/** What QEMU's messages say of its jobs: bash functions of reproducers that poll `log` (helpers.ts). */
export const jobHelpers = {
  statuses: `\
statuses() { # the statuses that a job has had
  local line
  while IFS= read -r line; do
    [[ $line == *'{"status": "'*"\\"id\\": \\"$1\\"}"* ]] || continue
    line=\${line##*'"status": "'}
    printf ' %s' "\${line%%'"'*}"
  done <log
}`,
  status_of: `status_of() { local all=$(statuses "$1"); echo "\${all##* }"; }`,
  job_is: `job_is() { [[ $(statuses "$1") == *" $2" ]]; }`,
  job_is_or_over: `job_is_or_over() { job_is "$1" "$2" || job_is "$1" null; }`,
  job_was_or_over: `job_was_or_over() { [[ "$(statuses "$1") " == *" "@($2|null)" "* ]]; }`,
  ready_or_over: `ready_or_over() { heard '"BLOCK_JOB_READY"' "\\"device\\": \\"$1\\"" || job_is "$1" null; }`,
  is_locked: `is_locked() { [[ $(qemu-img info -f "$2" "$1" 2>&1) == *lock* ]]; } # is_locked IMAGE FORMAT`,
  copied: `\
copied() { # whether the job's offset has reached its len, or it is gone
  local job len offset
  qmp '{"execute": "query-block-jobs"}'
  while IFS= read -r -d '}' job; do
    [[ $job == *"\\"device\\": \\"$1\\""* ]] || continue
    len=\${job##*'"len": '} offset=\${job##*'"offset": '}
    [[ \${len%%,*} == "\${offset%%,*}" && (\${len%%,*} != 0 || $job == *'"ready": true'*) ]]
    return
  done <<<"$reply"
}`,
  story_of: `\
story_of() { # story_of JOB ID...: into $told, in short, what the job says and what is answered to these commands
  local line name key word words id ids=" \${*:2} "
  told=()
  while IFS= read -r line; do
    if [[ $line == '{"timestamp"'* ]]; then
      [[ $line == *"\\"device\\": \\"$1\\""* || $line == *'{"status": "'*"\\"id\\": \\"$1\\"}"* ]] || continue
      name=\${line##*'"event": "'} words=\${name%%'"'*}
      for key in status operation action error; do
        [[ $line == *'"'$key'": "'* ]] || continue
        word=\${line##*'"'$key'": "'} words+=" \${word%%'"'*}"
      done
      told+=("$words")
    else
      id=\${line##*'"id": "#'} id=\${id%%'"'*} word=ok
      [[ $ids == *" $id "* ]] || continue
      [[ $line != *'"error": {"class": "'* ]] || { word=\${line##*'"class": "'} word=\${word%%'"'*}; }
      told+=("$id $word")
    fi
  done <log
}`,
  figures_of: `\
# figures_of JOB: puts into $figures all that was said of the job, in order: event, status or "shown" (by a query), offset,
# len, speed, microsecond. What a message does not say is as it was before.
figures_of() {
  local line part key word what offset=0 len=0 speed=0 us=0
  figures=()
  while IFS= read -r line; do
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
  done <log
}`,
};
