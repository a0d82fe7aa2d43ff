import { expect, test } from 'vitest';
import { rulesOf } from '../../../src/report/page/rules-table.ts';

test('every rule stands there, the broken first, and why a hunt left some undecided', () => {
  const rows = rulesOf([
    { rule: 'hang/command', held: 9, broken: 0, undecided: 0 },
    { rule: 'crash/signal', held: 5, broken: 1, undecided: 3, reasons: { version: 1, schema: 2 } },
  ]);
  expect(rows[0]).toMatchObject({ rule: 'crash/signal', undecided: 3, why: 'schema (2); version (1)' });
  expect(rows[1]).toMatchObject({ rule: 'hang/command', held: 9 });
  expect(rows.at(-1)).toMatchObject({ held: 0, broken: 0, undecided: 0 });
});
