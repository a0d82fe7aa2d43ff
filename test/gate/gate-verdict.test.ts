import { expect, test } from 'vitest';
import { gateVerdict } from '../../src/gate/gate-verdict.ts';
import type { ItemPhase, ItemVerdict } from '../../src/gate/item.ts';
import { policyOf } from '../../src/gate/policy.ts';
import { defaultPolicy, item, result } from './examples.ts';

const of = (...verdicts: ItemVerdict[]) =>
  verdicts.map((verdict) => result({ verdict, reason: `because ${verdict}` }));
const whole = (results: ReturnType<typeof of>, more = {}) =>
  gateVerdict(results, {
    planned: { scenario: results.length },
    policy: defaultPolicy,
    interrupted: false,
    ...more,
  });

test('one failed item fails it, whatever else is undecided, and after an interrupt, too', () => {
  expect(whole(of('pass', 'fail', 'unknown', 'unknown')).verdict).toBe('fail');
  expect(whole(of('fail'), { interrupted: true }).verdict).toBe('fail');
});

test('known, fixed, flaky and skipped items let it pass', () => {
  expect(whole(of('pass', 'known', 'fixed', 'flaky', 'skipped')).verdict).toBe('pass');
});

test('nothing decided, too little decided or an interrupt is unknown, and says why', () => {
  expect(whole([])).toMatchObject({ verdict: 'unknown', why: 'nothing was decided' });
  expect(whole(of('skipped', 'skipped'))).toMatchObject({ verdict: 'unknown', why: 'nothing was decided' });
  expect(whole(of('pass', 'pass', 'unknown', 'unknown'))).toMatchObject({
    verdict: 'unknown',
    why: '2 of 4 items were decided, which is too few',
    decided: { sequences: 2, undecided: [{ reason: 'because unknown', count: 2 }] },
  });
  expect(whole(of('pass'), { interrupted: true })).toMatchObject({
    verdict: 'unknown',
    why: 'it was interrupted',
  });
});

test('one undecided item among many decides nothing', () => {
  expect(whole(of('pass', 'pass', 'unknown')).verdict).toBe('pass');
});

test('a hunt that is undecided, and a plan that was hardly reached, are no pass', () => {
  const hunt = result({ name: 'hunt', verdict: 'unknown', reason: 'no worker starts' });
  expect(whole([...of('pass', 'pass', 'pass'), hunt])).toMatchObject({
    verdict: 'unknown',
    why: 'the hunt is undecided: no worker starts',
  });
});

const notReached = (phase: ItemPhase) => ({
  ...result({ verdict: 'skipped' as const, isNotReached: true }),
  item: item({ name: `${phase}/late`, phase }),
});

test('too small a share that was reached in time is unknown, by the policy', () => {
  const results = [...of('pass', 'pass'), ...Array.from({ length: 8 }, () => notReached('scenario'))];
  expect(whole(results).verdict).toBe('pass');
  const policy = policyOf({ reachedShare: 0.5 });
  expect(whole(results, { policy })).toMatchObject({
    verdict: 'unknown',
    why: '2 of 10 items were reached in time, which is too few: give it more --time',
  });
});

test('a kind of items that was not reached at all is unknown', () => {
  const results = [...of('pass', 'pass'), notReached('finding')];
  expect(whole(results, { planned: { scenario: 2, finding: 1 } })).toMatchObject({
    verdict: 'unknown',
    why: 'no stored finding was reached in time: give it more --time',
  });
});

test('what share has to be decided is a matter of the policy', () => {
  const results = of('pass', 'unknown', 'unknown');
  expect(whole(results, { policy: policyOf({ decidedShare: 0.3 }) }).verdict).toBe('pass');
});
