import { expect, test } from 'vitest';
import { rules } from '../../src/judge/judge.ts';
import { openRulesTally, rulesText } from '../../src/report/rules-tally.ts';

test('a table has every rule, also one that no trace exercised, and the reasons of what was undecided', () => {
  const tally = openRulesTally();
  tally.add([['state/transition', 4, 0]]);
  tally.add([
    ['state/transition', 1, 1, [['race', 2]]],
    ['state/end-announced', 0, 0, [['dialect', 1]]],
  ]);
  const { rules: table, traces, inFull } = tally.result();
  expect(table).toHaveLength(rules.length);
  expect(table.find(({ rule }) => rule === 'state/transition')).toEqual({
    rule: 'state/transition',
    held: 5,
    broken: 1,
    undecided: 2,
    reasons: { race: 2 },
  });
  expect(table.find(({ rule }) => rule === 'leak/memory')).toMatchObject({ held: 0, undecided: 0 });
  expect([inFull, traces]).toEqual([1, 2]);
});

test('a run of which nothing was judged is no trace', () => {
  const tally = openRulesTally();
  tally.add([]);
  expect(rulesText(tally.result())).toEqual([]);
});

test('a line says how many rules ruled, and how many traces were judged in full', () => {
  const tally = openRulesTally();
  tally.add([['state/transition', 4, 0]]);
  tally.add([['hang/settle', 0, 0, [['throttled', 1]]]]);
  expect(rulesText(tally.result())[0]).toBe(
    `2 of ${rules.length} rules had something to rule on, 1 of them were mostly undecided, ${rules.length - 2} were never exercised; 100 % of the traces were judged in full (--json has the table)`,
  );
});

test('a second line counts the verdicts that were lost to each excuse', () => {
  const tally = openRulesTally();
  tally.add([
    ['state/transition', 4, 0, [['race', 1]]],
    ['hang/settle', 0, 0, [['throttled', 2]]],
    ['hang/command', 3, 0, [['race', 2]]],
  ]);
  expect(rulesText(tally.result())[1]).toBe('5 of 12 rulings undecided (42 %): 3 race, 2 throttled');
});

test('where nothing was undecided there is no such line', () => {
  const tally = openRulesTally();
  tally.add([['state/transition', 4, 0]]);
  expect(rulesText(tally.result())).toHaveLength(1);
});
