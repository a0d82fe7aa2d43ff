import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newFinding } from '../../src/findings/new-finding.ts';
import { openFindings } from '../../src/findings/store.ts';
import { trophies } from '../../src/findings/trophies.ts';
import { crashFound } from './found.ts';

const root = join(import.meta.dirname, '../..');

test('docs/trophies.md is what the committed findings make: else run node scripts/trophies.ts', () => {
  const { findings } = openFindings(join(root, 'findings')).list();
  const text = trophies(findings, (id) => `../findings/${id}/README.md`);
  expect(readFileSync(join(root, 'docs/trophies.md'), 'utf8')).toBe(text);
});

test('each row says title, impact, reach and the versions that show it, once each', () => {
  const finding = newFinding(crashFound(), new Date(0));
  const row = { label: 'x', flavour: 'daemon' as const, ok: 0, of: 20 };
  const affected = [
    { ...row, version: '11.1.3', ok: 10 },
    { ...row, version: '7.2.22', ok: 3 },
    { ...row, version: '7.2.22', flavour: 'system' as const, ok: 3 },
    { ...row, version: '5.2.0' },
  ];
  const text = trophies([{ ...finding, title: 'a | b', affected }], (id) => id);
  expect(text).toContain(
    `| a \\| b | Crash | commands that QEMU must refuse | 7.2.22, 11.1.3 | new | [${finding.id.slice(0, 4)}](${finding.id}) |`,
  );
  expect(text).toContain('1 in all; 0 of them by the guest alone or by valid commands.');
});
