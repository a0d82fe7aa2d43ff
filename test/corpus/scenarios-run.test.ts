import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mirrorfuzz } from '../cli/mirrorfuzz.ts';
import { scenarioResultSchema } from '../cli/result-schema.ts';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';

const qemu = oneQemu();

test.runIf(qemu)(
  'every scenario on local files passes, or is skipped with a reason, on one QEMU in both flavours',
  async () => {
    const none = join(temporaryDir(), 'no-findings');
    const { stdout, stderr } = await mirrorfuzz([
      ...['scenario', 'run', '--qemu', qemu?.label ?? '', '--storage', 'file', '--workers', '2'],
      ...['--findings', none, '--quiet', '--json', '-'],
    ]);
    const { items } = scenarioResultSchema.parse(JSON.parse(stdout));
    expect(
      items.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'skipped'),
      stderr,
    ).toEqual([]);
    expect(items.filter(({ verdict, reason }) => verdict === 'skipped' && reason === '')).toEqual([]);
    expect(items.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(250);
  },
  180_000,
);
