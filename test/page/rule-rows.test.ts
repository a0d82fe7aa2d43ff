import { expect, test } from 'vitest';
import { rowsOfVersion } from '../../src/page/rule-rows.ts';

test('the rules of one version are all rules, with its figures, the broken first', () => {
  const row = (rule: string) => ({ rule, statement: `${rule}.`, held: 9, broken: 0, undecided: 0, why: '' });
  const rows = rowsOfVersion(
    [row('a'), row('b'), row('c')],
    [
      { rule: 'b', held: 1, broken: 0, undecided: 0, why: '' },
      { rule: 'c', held: 0, broken: 2, undecided: 1, why: 'version (1)' },
    ],
  );
  expect(rows).toEqual([
    { rule: 'c', statement: 'c.', held: 0, broken: 2, undecided: 1, why: 'version (1)' },
    { rule: 'b', statement: 'b.', held: 1, broken: 0, undecided: 0, why: '' },
    { rule: 'a', statement: 'a.', held: 0, broken: 0, undecided: 0, why: '' },
  ]);
});
