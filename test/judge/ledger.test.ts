import { expect, test } from 'vitest';
import { allUndecided, openLedger } from '../../src/judge/ledger.ts';
import type { Rule } from '../../src/judge/rule.ts';
import { asPlace } from '../../src/trace/place.ts';

const rule: Rule = { name: 'state/a', kind: 'state', statement: 'A.', source: 'here' };

test('a rule that nothing was recorded of has no verdict', () => {
  expect(openLedger().verdicts()).toEqual([]);
});

test('rulings are counted, undecided ones by their reason, with the first place that brought it about', () => {
  const ledger = openLedger();
  ledger.held(rule, 3);
  ledger.broken(rule);
  ledger.undecided(rule, 'version');
  ledger.undecided(rule, { why: 'after a crash', from: asPlace(9) });
  ledger.undecided(rule, { why: 'after a crash', from: asPlace(4) });
  expect(ledger.verdicts()).toEqual([
    {
      rule,
      held: 3,
      broken: 1,
      undecided: [
        { why: 'version', times: 1 },
        { why: 'after a crash', times: 2, from: 4 },
      ],
    },
  ]);
});

test('where all is undecided, what held counts as such', () => {
  const ledger = openLedger();
  allUndecided(ledger, 'version').held(rule, 2);
  expect(ledger.verdicts()).toEqual([
    { rule, held: 0, broken: 0, undecided: [{ why: 'version', times: 2 }] },
  ]);
});
