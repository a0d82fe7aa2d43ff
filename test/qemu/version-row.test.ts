import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withRow } from '../../scripts/version-row.ts';

const rows = readFileSync(join(import.meta.dirname, '../../src/qemu/versions.ts'), 'utf8');

test('a new series gets the last row, and the suite that ships it now', () => {
  const then = withRow(rows, '12.0', 'sid');
  expect(then).toContain("  { series: '12.0', suite: 'sid', brings: [], fails: [] },\n] as const");
  expect(then.match(/suite: 'sid'/g)).toHaveLength(1);
});

test('a series that has a row keeps it as it is', () => {
  expect(withRow(rows, '11.1', 'sid')).toBe(rows);
});
