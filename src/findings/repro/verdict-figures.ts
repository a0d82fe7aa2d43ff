import type { FigureFact } from '../../judge/facts/figure.ts';
import { isJobId } from './step-qmp.ts';
import { type Case, endsFor, type ScriptVerdict } from './verdict.ts';

/**
 * A job's figures that can't be: further than its end, less than before, ready too early, moving while paused, or
 * faster than its limit. The script looks for the same in all that it has heard of the job.
 */
export function figuresVerdict({ facts, trace, at }: Case): ScriptVerdict | undefined {
  if (facts?.shape !== 'figure' || !isJobId(facts.job)) return undefined;
  const wrong = wrongFigures(facts);
  if (wrong === undefined) return undefined;
  return {
    ends: endsFor(trace, at),
    ending: ['sleep 1 # the last messages come', `figures_of ${facts.job}`, ...wrong, 'absent'],
  };
}

/** Lines that show the defect, by `$figures`: what was said, the offset, the len, the speed and the microsecond of each. */
function wrongFigures(facts: FigureFact): string[] | undefined {
  switch (facts.is) {
    case 'beyond':
      return each('[ "$offset" -lt 0 ] || [ "$offset" -gt "$len" ]', 'offset $offset, len $len');
    // A query may have read its figures before an event that is heard before its answer: each is compared with its like.
    case 'went back':
      return [
        'told=0 shown=0',
        ...each(
          '[ $what = shown ] && [ "$offset" -lt $shown ] || [[ $what == BLOCK_* ]] && [ "$offset" -lt $told ]',
          'offset $offset, and it was $told in an event, $shown in a query before',
          'case $what in created) told=0 shown=0 ;; shown) shown=$offset ;; BLOCK_*) told=$offset ;; esac',
        ),
      ];
    case 'len shrank':
      return [
        'told=0 shown=0',
        ...each(
          `[[ $what == @(shown|BLOCK_*) ]] && [ "$len" -le $((shown - ${facts.grainBytes})) ] || [[ $what == BLOCK_* ]] && [ "$len" -le $((told - ${facts.grainBytes})) ]`,
          'len $len, and it was $told in an event, $shown in a query before',
          'case $what in created) told=0 shown=0 ;; shown) shown=$len ;; BLOCK_*) told=$len ;; esac',
        ),
      ];
    case 'ready early':
      return each('[ $what = BLOCK_JOB_READY ] && [ "$offset" != "$len" ]', 'READY at $offset of $len');
    case 'gave up early':
      return each(
        '[ $what = BLOCK_JOB_COMPLETED ] && [ "$offset" != "$len" ]',
        'ended at $offset of $len, though it was to ignore errors',
      );
    case 'completed early':
      return [
        `! heard '"BLOCK_JOB_COMPLETED"' '"device": "${facts.job}"' '"error": ' || cannot "the job failed"`,
        ...each('[ $what = BLOCK_JOB_COMPLETED ] && [ "$offset" != "$len" ]', 'completed at $offset of $len'),
      ];
    case 'moved while paused':
      return [
        `before=''`,
        ...each(
          `[ $what = shown ] && [ "\${before:-$offset}" != "$offset" ]`,
          'offset $before -> $offset while paused',
          "[ $what = shown ] && before=$offset || before=''",
        ),
      ];
    case 'too fast': {
      const took = '$(((us - begun) / 1000)) ms';
      return [
        `begun=''`,
        ...each(
          `[ $what = ready ] && [ -n "$begun" ] && [ $((us - begun)) -lt ${facts.leastMs}000 ]`,
          `ready in ${took}, at least ${facts.leastMs} ms are due`,
          '[ $what != running ] || begun=$us',
        ),
      ];
    }
    case 'failed at its end':
    case 'too fast between':
    case 'wrong speed':
    case 'wrong type':
      return undefined;
    default:
      return facts satisfies never;
  }
}

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
