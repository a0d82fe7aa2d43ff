import { type Case, cannotTell, phaseAt, type Verdict } from './verdict.ts';

/**
 * A job's figures that can't be: further than its end, less than before, ready too early, moving while paused, or
 * faster than its limit. The script looks for the same in all that it has heard of the job.
 */
export function figuresVerdict({ finding, trace, at }: Case): Verdict | undefined {
  const { rule, violation } = finding;
  const job = /^job ([A-Za-z][\w.-]*): /.exec(violation.text)?.[1];
  const wrong = checks[rule]?.(violation.text);
  if (job === undefined || wrong === undefined) return undefined;
  return {
    unanswered: cannotTell,
    settles: phaseAt(trace, at) !== 'steps',
    ending: ['while hear 0.5; do :; done', `figures_of ${job}`, ...wrong, 'absent'],
    conditions: ['figures_of'],
  };
}

/** Lines that show the defect, by `$figures`: what was said, the offset, the len, the speed and the microsecond of each. */
const checks: Readonly<Record<string, ((text: string) => string[] | undefined) | undefined>> = {
  'state/progress-bounds': () =>
    each('[ "$offset" -lt 0 ] || [ "$offset" -gt "$len" ]', 'offset $offset, len $len'),
  // A query may have read its figures before an event that is heard before its answer: each is compared with its like.
  'state/progress-grows': () => [
    'told=0 shown=0',
    ...each(
      '[ $what = shown ] && [ "$offset" -lt $shown ] || [[ $what == BLOCK_* ]] && [ "$offset" -lt $told ]',
      'offset $offset, and it was $told in an event, $shown in a query before',
      'case $what in created) told=0 shown=0 ;; shown) shown=$offset ;; BLOCK_*) told=$offset ;; esac',
    ),
  ],
  'state/ready-at-len': () =>
    each('[ $what = BLOCK_JOB_READY ] && [ "$offset" != "$len" ]', 'READY at $offset of $len'),
  'state/paused-stands-still': () => [
    `before=''`,
    ...each(
      `[ $what = shown ] && [ "\${before:-$offset}" != "$offset" ]`,
      'offset $before -> $offset while paused',
      "[ $what = shown ] && before=$offset || before=''",
    ),
  ],
  'state/speed-limit': (text) => {
    const leastMs = /at least (\d+) ms are due/.exec(text)?.[1];
    if (leastMs === undefined) return undefined;
    const took = '$(((us - begun) / 1000)) ms';
    return [
      `begun=''`,
      ...each(
        `[ $what = ready ] && [ -n "$begun" ] && [ $((us - begun)) -lt ${leastMs}000 ]`,
        `ready in ${took}, at least ${leastMs} ms are due`,
        '[ $what != running ] || begun=$us',
      ),
    ];
  },
};

/** Goes through what was said, and remembers (`then`) what the next one is compared with. */
function each(isWrong: string, words: string, then?: string): string[] {
  return [
    `for each in "\${figures[@]}"; do`,
    '  read -r what offset len speed us <<<"$each"',
    `  if ${isWrong}; then shows "${words}"; fi`,
    ...(then === undefined ? [] : [`  ${then}`]),
    'done',
  ];
}
