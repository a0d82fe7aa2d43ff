import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { listQemu } from '../../src/target/programs/binary.ts';
import { unpackTrace } from '../../src/trace/packed.ts';
import { temporaryDir } from '../target/temporary.ts';
import { mirrorfuzz } from './mirrorfuzz.ts';
import { sequenceFile, sound } from './sequence-files.ts';

const here = await listQemu();
const older = here.find(({ version, system }) => version.startsWith('7.2.') && system);
const newer = here.find(({ version, system }) => version.startsWith('10.0.') && system);

const group = z.looseObject({
  subject: z.string(),
  values: z.array(z.string()),
  sequences: z.int().min(1),
  smallest: z.looseObject({ traces: z.array(z.string()).optional() }),
});
const diffResult = z.looseObject({
  schema: z.literal(1),
  verdict: z.enum(['alike', 'different', 'unknown']),
  runs: z.int(),
  groups: z.array(group),
  folded: z.array(z.looseObject({ rule: z.string(), source: z.string(), groups: z.array(group) })),
});

/** The last query names the mirror's bitmap, which later versions switch off. */
const steps = [
  ...sound.steps,
  { qmp: 'query-status' },
  { qmp: 'query-block-jobs' },
  { qmp: 'query-named-block-nodes' },
];

async function diff(specs: string[]) {
  const dir = temporaryDir();
  const file = sequenceFile(dir, 'mirror', { ...sound, steps });
  const json = join(dir, 'diff.json');
  const options = ['--flavour', 'system', '--workers', '1', '--explain'];
  const ended = await mirrorfuzz(['diff', ...specs, file, ...options, '--json', json]);
  return { ...ended, result: diffResult.parse(JSON.parse(readFileSync(json, 'utf8'))) };
}

test.skipIf(!older)('a version is like itself', { timeout: 60_000 }, async () => {
  const { code, stdout, result } = await diff([older?.label ?? '', older?.label ?? '']);
  expect([code, result.verdict, result.groups, result.folded]).toEqual([0, 'alike', [], []]);
  expect(result.runs).toBeGreaterThanOrEqual(3);
  expect(stdout).toContain('no unexplained difference; 1 sequence compared');
});

test.skipIf(!older || !newer)(
  'what a newer version adds and removes is folded, with its source, and the rest is a group',
  { timeout: 60_000 },
  async () => {
    const { code, stdout, result } = await diff([older?.label ?? '', newer?.label ?? '']);
    expect([code, result.verdict]).toEqual([1, 'different']);
    const subjects = (groups: z.infer<typeof group>[]) => groups.map(({ subject }) => subject);
    expect(subjects(result.groups)).toContain('query-named-block-nodes: [].dirty-bitmaps[].recording');
    const added = result.folded.find(({ rule }) => rule === 'members-added');
    expect(subjects(added?.groups ?? [])).toContain('query-block-jobs: [].actively-synced');
    expect(result.folded.map(({ rule }) => rule)).toContain('singlestep-removed');
    expect(stdout).toContain('folded by singlestep-removed');
    const kept = result.groups[0]?.smallest.traces?.map((packed) => unpackTrace(packed, 'a')[0]);
    expect(kept?.map((opened) => opened?.kind === 'opened' && opened.qemu.version)).toEqual([
      older?.version,
      newer?.version,
    ]);
  },
);

test('one QEMU is nothing to compare', async () => {
  const { code, stderr } = await mirrorfuzz(['diff', 'debian:trixie']);
  expect([code, stderr.includes('diff needs two QEMUs or more')]).toEqual([2, true]);
});
