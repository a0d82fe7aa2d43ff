import { expect, test } from 'vitest';
import { noRuns } from '../../src/campaign/feedback/runs-sum.ts';
import { openHuntCount, verdictOnHunt } from '../../src/gate/hunt-verdict.ts';

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

test('sequences of other machines count as those of this one', () => {
  const count = openHuntCount();
  const undecided = { 'no memory': 3 };
  const sum = { ...noRuns(), sequences: 10, undecided };
  count.hear({ kind: 'runs', version: '7.2.22', sum, news: 0, features: 0, edges: 0, interesting: 0 });
  expect(count.result()).toMatchObject({ sequences: 10, undecided: 3, reason: 'no memory' });
  expect(verdictOnHunt(count.result())).toMatchObject({ verdict: 'unknown', candidate: { of: 7 } });
});
