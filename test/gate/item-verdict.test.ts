import { describe, expect, test } from 'vitest';
import { byPolicy, verdictOn } from '../../src/gate/item-verdict.ts';
import { addPair, noRuns, type PairedRuns } from '../../src/gate/paired-runs.ts';
import { policyOf } from '../../src/gate/policy.ts';

const id = '0123456789ab';
const about = { phase: 'hunt', kind: 'state', id, policy: policyOf({}), today: '2026-11-29' } as const;

function showing(candidate: string, baseline?: string): PairedRuns {
  let all = noRuns(baseline !== undefined);
  for (const [i, shows] of [...candidate].entries())
    all = addPair(all, shows === '1', baseline === undefined ? undefined : baseline[i] === '1');
  return all;
}

test('what is new fails, with its rate on both', () => {
  expect(verdictOn('new', showing('111', '000'), about)).toEqual({
    verdict: 'fail',
    reason: 'new, and reproduces: 3/3, 0/3 on the baseline',
  });
});

test('a scenario fails as a scenario, and what got worse says how', () => {
  expect(verdictOn('new', showing('11'), { ...about, phase: 'scenario' }).reason).toBe(
    'the scenario fails: 2/2',
  );
  expect(verdictOn('worse', showing('11', '10'), about).reason).toMatch(
    /^more often than the baseline: 2\/2, 1\/2/,
  );
  expect(verdictOn('new', showing('11'), { ...about, worse: 'what was state is more serious' })).toEqual({
    verdict: 'fail',
    reason: 'what was state is more serious: 2/2',
  });
});

test('what the baseline shows, too, is known; what hardly shows is flaky, unless the policy is strict', () => {
  expect(verdictOn('same', showing('11', '11'), about).verdict).toBe('known');
  expect(verdictOn('fluke', showing('0000', '0100'), about)).toEqual({
    verdict: 'flaky',
    reason: 'shown again in 0/4, 1/4 on the baseline',
  });
  const strict = { ...about, policy: policyOf({ failOnFlaky: true }) };
  expect(verdictOn('fluke', showing('0000'), strict).verdict).toBe('fail');
});

describe('policy', () => {
  test('it may let pass what is new, or of some kinds', () => {
    const noNew = { ...about, policy: policyOf({ failOn: ['scenario'] }) };
    expect(byPolicy('new', 'new', noNew).verdict).toBe('known');
    const crashes = { ...about, policy: policyOf({ kinds: ['hang'] }) };
    expect(byPolicy('new', 'new', crashes).verdict).toBe('known');
  });

  test('a crash and wrong data fail whatever it says', () => {
    for (const kind of ['crash', 'integrity'] as const) {
      const lax = { ...about, kind, policy: policyOf({ failOn: [], kinds: [] }) };
      expect(byPolicy('new', 'new', lax).verdict).toBe('fail');
    }
  });

  test('a quarantine holds until the end of its day, also for a crash', () => {
    const policy = policyOf({ quarantine: [{ id, until: '2026-11-29', reason: 'being mended' }] });
    const crash = { ...about, kind: 'crash', policy } as const;
    expect(byPolicy('new', 'new: 2/2', crash)).toEqual({
      verdict: 'known',
      reason: 'in quarantine until 2026-11-29 (being mended); new: 2/2',
    });
    expect(byPolicy('new', 'new: 2/2', { ...crash, today: '2026-11-30' })).toEqual({
      verdict: 'fail',
      reason: 'new: 2/2; its quarantine ended on 2026-11-29',
    });
    expect(byPolicy('new', 'new', { ...crash, id: 'ffffffffffff' }).verdict).toBe('fail');
  });
});
