import { expect, test } from 'vitest';
import { verdictOnHunt } from '../../src/gate/hunt-verdict.ts';

const hunted = (sequences: number, undecided: number) => ({
  sequences,
  undecided,
  reason: 'no server starts',
});

test('a hunt passes where four fifths of its sequences were decided', () => {
  expect(verdictOnHunt(hunted(100, 20))).toMatchObject({
    verdict: 'pass',
    reason: '80 of 100 sequences were decided',
  });
  expect(verdictOnHunt(hunted(100, 21))).toMatchObject({
    verdict: 'unknown',
    reason: '79 of 100 sequences were decided; no server starts',
  });
});

test('a hunt that ran nothing, or that the machine ended, is undecided', () => {
  expect(verdictOnHunt(hunted(0, 0))).toMatchObject({
    verdict: 'unknown',
    reason: 'no sequence came to its end in time',
  });
  expect(verdictOnHunt({ ...hunted(100, 0), failure: 'every worker dies' })).toMatchObject({
    verdict: 'unknown',
    reason: 'every worker dies',
  });
});
