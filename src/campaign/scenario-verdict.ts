import { wordsOf } from '../judge/facts/words.ts';
import type { RunItem } from './run-all.ts';

/**
 * What a scenario came to on one program. fail: it fails whenever it is run; flaky: only sometimes; known: it breaks
 * nothing but what the findings store has already.
 */
export type ScenarioVerdict = 'pass' | 'fail' | 'flaky' | 'known' | 'skipped' | 'unknown';

export type Ruled = {
  verdict: ScenarioVerdict;
  /** Runs that passed, of those that were made. */
  ok: number;
  of: number;
  reason: string;
  /** The run to look at: the first that went wrong. */
  shown?: RunItem;
};

/** The verdict on the runs of one scenario on one program; there is at least one. */
export function ruleOn(runs: readonly RunItem[], isKnown: (run: RunItem) => boolean): Ruled {
  const ok = runs.filter(({ verdict }) => verdict === 'pass').length;
  const count = { ok, of: runs.length };
  const failed = runs.filter(({ verdict }) => verdict === 'fail');
  const [first] = failed;
  if (first) {
    const shown = failed.find((run) => !isKnown(run)) ?? first;
    const verdict = failed.every(isKnown) ? 'known' : ok > 0 ? 'flaky' : 'fail';
    return { verdict, ...count, reason: broken(shown), shown };
  }
  const undecided = runs.find(({ verdict }) => verdict !== 'pass');
  if (undecided?.verdict === 'skipped')
    return { verdict: 'skipped', ok: 0, of: 0, reason: undecided.reason ?? '' };
  if (undecided) return { verdict: 'unknown', ...count, reason: undecided.reason ?? '', shown: undecided };
  return { verdict: 'pass', ...count, reason: '' };
}

function broken({ violations }: RunItem): string {
  return violations.map((each) => `${each.rule.name}: ${wordsOf(each)}`).join('; ');
}
