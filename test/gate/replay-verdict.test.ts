import { expect, test } from 'vitest';
import type { Affected } from '../../src/findings/affected.ts';
import { openKnown } from '../../src/gate/known.ts';
import { addPair, noRuns, type PairedRuns } from '../../src/gate/paired-runs.ts';
import { replayedInHaste } from '../../src/gate/replay-outcome.ts';
import { type Replays, verdictOnReplays } from '../../src/gate/replay-verdict.ts';
import { defaultPolicy, finding, item, row } from './examples.ts';

const always = { shown: 3, of: 3 };

function runs(candidate: boolean, baseline?: boolean): PairedRuns {
  let showing = noRuns(baseline !== undefined);
  for (let i = 0; i < 3; i++) showing = addPair(showing, candidate, baseline);
  return showing;
}

/** A finding that the store has on `affected`, and that shows no more in three runs. */
function gone(showing: PairedRuns, affected: Affected[], more: Partial<Replays> = {}) {
  const stored = finding({ affected });
  const on = {
    policy: defaultPolicy,
    today: '2026-11-29',
    known: openKnown([stored]),
    version: '11.1.3',
  };
  return verdictOnReplays(
    { ...item({ name: 'finding/0123456789ab', phase: 'finding' }), finding: stored },
    { outcome: 'gone', showing, expected: always, shown: {}, row: undefined, isFresh: false, ...more },
    on,
  );
}

const older = [row('10.0.13', 3, 3)];

test('with a baseline only what it shows is fixed', () => {
  expect(gone(runs(false, true), older)).toMatchObject({
    verdict: 'fixed',
    reason: 'it shows no more: 0/3, 3/3 on the baseline, 3/3 in the store',
  });
  expect(gone(runs(false, false), older)).toMatchObject({
    verdict: 'skipped',
    reason: 'does not show on either: 0/3, 0/3 on the baseline, 3/3 in the store',
  });
});

test('without a baseline it is fixed where the store has it on that version or an older one', () => {
  expect(gone(runs(false), older).verdict).toBe('fixed');
  expect(gone(runs(false), [row('11.1.3', 3, 3)]).verdict).toBe('fixed');
  expect(gone(runs(false), [row('12.0.0', 3, 3)])).toMatchObject({
    verdict: 'skipped',
    reason: 'does not show, and no version up to this one is known to: 0/3, 3/3 in the store',
  });
});

test('a candidate that lacks what it takes is skipped, and says what', () => {
  const lacks = row('11.1.3', 0, 2, { outcome: 'lacks', how: 'no blockdev-reopen' });
  expect(gone(runs(false, true), older, { row: lacks })).toMatchObject({
    verdict: 'skipped',
    reason: 'the candidate lacks what it takes: no blockdev-reopen',
  });
});

test('where each run was in a fresh session, the reason says so', () => {
  expect(gone(runs(false, true), older, { isFresh: true }).reason).toMatch(/, each in a fresh session$/);
});

test('where time is over, what showed and not more often is known, and nothing else is', () => {
  expect(replayedInHaste(always, addPair(noRuns(true), true, true))).toBe('known');
  expect(replayedInHaste(always, addPair(noRuns(true), false, true))).toBeUndefined();
  expect(replayedInHaste(undefined, addPair(noRuns(true), false, false))).toBeUndefined();
  expect(replayedInHaste(always, runs(true, false))).toBeUndefined();
});
