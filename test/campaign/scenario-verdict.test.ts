import { expect, test } from 'vitest';
import { ruleOn } from '../../src/campaign/scenario-verdict.ts';
import { failing, passing, run } from './scenario-runs.ts';

const nothingKnown = (): boolean => false;

test('what passes once has passed', () => {
  expect(ruleOn([passing], nothingKnown)).toEqual({ verdict: 'pass', ok: 1, of: 1, reason: '' });
});

test('what fails in every run has failed, and the first violation tells why', () => {
  expect(ruleOn([failing, failing, failing], nothingKnown)).toMatchObject({
    verdict: 'fail',
    ok: 0,
    of: 3,
    reason: 'claim/reply: query-version: expected an error, got success',
    shown: failing,
  });
});

test('what fails only sometimes is flaky', () => {
  expect(ruleOn([failing, passing, failing], nothingKnown)).toMatchObject({ verdict: 'flaky', ok: 1, of: 3 });
});

test('what breaks only what is known is known, however often it passes', () => {
  expect(ruleOn([failing, failing], () => true)).toMatchObject({ verdict: 'known', ok: 0, of: 2 });
  expect(ruleOn([failing, passing], () => true)).toMatchObject({ verdict: 'known', ok: 1, of: 2 });
});

test('one run that breaks something new is a failure beside known ones, and is the one that is shown', () => {
  const other = { ...failing };
  const ruled = ruleOn([failing, other], (each) => each === failing);
  expect(ruled.verdict).toBe('fail');
  expect(ruled.shown).toBe(other);
});

test('what was skipped has no runs', () => {
  const skipped = run({ verdict: 'skipped', reason: '5.2 has no blockdev-reopen' });
  expect(ruleOn([skipped], nothingKnown)).toEqual({
    verdict: 'skipped',
    ok: 0,
    of: 0,
    reason: '5.2 has no blockdev-reopen',
  });
});

test('what nothing can be said of is unknown, not failed', () => {
  const undecided = run({ verdict: 'unknown', reason: 'the arena was refused' });
  expect(ruleOn([undecided], nothingKnown)).toMatchObject({ verdict: 'unknown', ok: 0, of: 1 });
});
