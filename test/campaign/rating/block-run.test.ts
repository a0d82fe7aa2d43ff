import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runBlock } from '../../../src/campaign/rating/block-run.ts';
import { bugReport } from '../../../src/findings/bug-report/bug-report.ts';
import { newFinding } from '../../../src/findings/new-finding.ts';
import { crashFound } from '../../findings/found.ts';
import { oneQemu } from '../../real/qemus.ts';
import { temporaryDir } from '../../target/temporary.ts';

const qemu = oneQemu();

test.runIf(qemu).each([
  ['shows it', '[ -x "$(type -P qemu-img)" ] && exit 1', { ok: 1, of: 1 }],
  ['does not show it', 'exit 0', { ok: 0, of: 3 }],
  ['could not run', 'exit 2', { ok: 0, of: 3 }],
])('a block that %s', async (_what, line, expected) => {
  const dir = temporaryDir();
  writeFileSync(join(dir, 'README.md'), `# a crash\n\n\`\`\`sh\n(\n${line}\n)\n\`\`\`\n`);
  if (!qemu) throw new Error('there is a QEMU');
  const runs = await runBlock(dir, qemu, AbortSignal.timeout(20_000));
  expect(runs).toEqual({ ...expected, label: qemu.label });
});

test('nothing is said of a report without a block, and where time is up', async () => {
  const dir = temporaryDir();
  writeFileSync(join(dir, 'README.md'), '# a crash\n');
  if (!qemu) return;
  expect(await runBlock(dir, qemu, AbortSignal.timeout(20_000))).toBeUndefined();
  writeFileSync(join(dir, 'README.md'), '```sh\n(\nexit 1\n)\n```\n');
  expect(await runBlock(dir, qemu, AbortSignal.abort())).toBeUndefined();
});

test('a report whose block does not show it says so in its second line', () => {
  const found = crashFound();
  const finding = newFinding(found, new Date(0));
  const second = (ok: number): string =>
    bugReport({ ...finding, block: { ok, of: 3, label: '7.2.22' } }, found.trace).split('\n')[1] ?? '';
  expect(second(0)).toBe('The block below did not show it in 3 runs on QEMU 7.2.22.');
  expect(second(1)).toBe('');
});
