import { expect, test } from 'vitest';
import { gateVerdict } from '../../src/gate/gate-verdict.ts';
import type { ItemVerdict } from '../../src/gate/item.ts';
import { result } from './examples.ts';

const of = (...verdicts: ItemVerdict[]) =>
  verdicts.map((verdict) => result({ verdict, reason: `because ${verdict}` }));
const whole = (results: ReturnType<typeof of>, more = {}) =>
  gateVerdict(results, { planned: results.length, interrupted: false, ...more });

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
  expect(whole(of('pass', 'pass'), { planned: 10 }).verdict).toBe('unknown');
});
