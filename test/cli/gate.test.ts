import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { listQemu } from '../../src/target/programs/binary.ts';
import { unpackTrace } from '../../src/trace/packed.ts';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { isAlive, mirrorfuzz, type Running, start } from './mirrorfuzz.ts';
import { scenarioResultSchema } from './result-schema.ts';
import { endless, sequenceFile, sound } from './sequence-files.ts';

const qemu = oneQemu();
const hasQemu = qemu?.daemon !== undefined;

/** What `gate` adds to the contract's JSON. */
const count = z.object({ shown: z.int().min(0), of: z.int().min(0) });
const gateResult = scenarioResultSchema.extend({
  rules: z.array(
    z.looseObject({
      rule: z.string(),
      held: z.int().min(0),
      broken: z.int().min(0),
      undecided: z.int().min(0),
    }),
  ),
  complete: z.boolean(),
  interrupted: z.boolean(),
  items: z.array(
    z.looseObject({
      name: z.string().min(1),
      verdict: z.enum(['pass', 'fail', 'flaky', 'known', 'fixed', 'skipped', 'unknown']),
      ok: z.int().min(0),
      of: z.int().min(0),
      reason: z.string(),
      qemu: z.string(),
      shown: z.object({ candidate: count, baseline: count.nullable() }),
      reproduce: z.string().nullable(),
    }),
  ),
});
const read = (file: string) => gateResult.parse(JSON.parse(readFileSync(file, 'utf8')));

type Set = { dir: string; args: string[] };

/** A small corpus, no findings, one flavour, local files: what else a gate needs. */
function small(scenarios: Record<string, object>): Set {
  const dir = temporaryDir();
  mkdirSync(join(dir, 'corpus', 'scenarios'), { recursive: true });
  for (const [name, content] of Object.entries(scenarios))
    sequenceFile(join(dir, 'corpus', 'scenarios'), name, content);
  const options = ['--corpus', 'corpus', '--findings', 'findings', '--out', 'out', '--junit', 'gate.xml'].map(
    (word) => (word.startsWith('--') ? word : join(dir, word)),
  );
  const quick = [
    '--flavour',
    'daemon',
    '--storage',
    'file',
    '--workers',
    '1',
    '--seed',
    '7',
    '--time',
    '120s',
    '--sequences',
    '1',
    '--properties',
    'refusals',
  ];
  return { dir, args: ['gate', ...quick, ...options] };
}

/** QEMU 10.0 aborts by one command that 7.2 refuses. */
const newer = (await listQemu()).find(({ version }) => version.startsWith('10.0.'));
const aborts = JSON.parse(
  readFileSync(new URL('../../findings/43b8394f0fe2/sequence.json', import.meta.url), 'utf8'),
) as object;

test.runIf(hasQemu)('a QEMU against itself passes: exit code 0, and a report in every form', async () => {
  const { dir, args } = small({ sound });
  const { path } = qemu as { path: string };
  const { code, stdout, stderr } = await mirrorfuzz([
    ...args,
    '--candidate',
    path,
    '--baseline',
    path,
    '--tap',
    join(dir, 'tap'),
  ]);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/\ngate: pass\n$/);
  expect(code).toBe(0);
  const result = read(join(dir, 'out', 'gate.json'));
  expect(result).toMatchObject({ verdict: 'pass', complete: true, interrupted: false, seed: '7' });
  expect(result.items.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
    'scenario/sound pass',
    'hunt pass',
  ]);
  expect(result.rules.some(({ held }) => held > 0)).toBe(true);
  expect(readFileSync(join(dir, 'gate.xml'), 'utf8')).toContain('failures="0"');
  expect(readFileSync(join(dir, 'tap'), 'utf8')).toContain('\n1..2\n');
});

test.runIf(hasQemu && newer?.daemon)(
  'a candidate that crashes where the baseline does not fails, and says how to reproduce it: exit code 1',
  async () => {
    const { dir, args } = small({ aborts });
    const sides = ['--candidate', newer?.label ?? '', '--baseline', qemu?.label ?? ''];
    const { code, stdout } = await mirrorfuzz([...args, ...sides]);
    expect(stdout).toMatch(/^FAIL {4}scenario\/aborts \(daemon\)$/m);
    expect(stdout).toContain('9/9, 0/9 on the baseline');
    expect(stdout).toMatch(/Reproduce with: mirrorfuzz scenario run aborts --qemu \S+ --flavour daemon/);
    expect(stdout).toMatch(/\ngate: FAIL: 1 item by 1 cause\n$/);
    expect(code).toBe(1);
    const { verdict, items } = read(join(dir, 'out', 'gate.json'));
    expect(verdict).toBe('fail');
    expect(items[0]).toMatchObject({ verdict: 'fail', impact: 'crash' });
    const gateFile = JSON.parse(readFileSync(join(dir, 'out', 'gate.json'), 'utf8'));
    const kept = gateFile.items[0].runs.map(({ trace }: { trace: string }) => unpackTrace(trace, 'a')[0]);
    expect(kept.map(({ qemu }: { qemu: { version: string } }) => qemu.version)).toEqual([
      qemu?.version,
      newer?.version,
    ]);
    expect(existsSync(join(dir, 'out', 'traces', 'scenario_aborts.daemon.trace.jsonl'))).toBe(true);
    expect(readFileSync(join(dir, 'gate.xml'), 'utf8')).toContain('<failure type="crash/signal"');
  },
);

/** A gate that is in the middle of a scenario that lasts. */
async function inTheMiddle(): Promise<Set & { running: Running }> {
  const set = small({ a: sound, b: endless(2) });
  const { path } = qemu as { path: string };
  const running = start([...set.args, '--candidate', path]);
  await running.says('0 of 2');
  while (!existsSync(join(set.dir, 'out', 'gate.json')))
    await new Promise((resolve) => setTimeout(resolve, 50));
  return { ...set, running };
}

test.runIf(hasQemu)(
  'after Ctrl-C there is a readable report of what came before, and exit code 130',
  async () => {
    const { dir, running } = await inTheMiddle();
    running.signalGroup('SIGINT');
    const { code, stdout } = await running.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/\ngate: unknown: it was interrupted\n$/);
    expect(read(join(dir, 'out', 'gate.json'))).toMatchObject({
      verdict: 'unknown',
      complete: false,
      interrupted: true,
    });
    expect(readFileSync(join(dir, 'gate.xml'), 'utf8')).toMatch(/<\/testsuites>\n$|<testsuites [^>]*\/>\n$/);
    expect(isAlive(running.pid)).toBe(false);
  },
);

test.runIf(hasQemu)('after SIGKILL there is a readable report, too', async () => {
  const { dir, running } = await inTheMiddle();
  running.kill();
  expect((await running.ended).signal).toBe('SIGKILL');
  expect(read(join(dir, 'out', 'gate.json'))).toMatchObject({ verdict: 'unknown', complete: false });
  expect(readFileSync(join(dir, 'gate.xml'), 'utf8')).toContain('<testsuites ');
});

test('whatever ends it before there is a plan leaves that, not the report of an earlier gate', async () => {
  const { dir, args } = small({ a: sound });
  const report = join(dir, 'out', 'gate.json');
  mkdirSync(join(dir, 'out'), { recursive: true });
  writeFileSync(report, '{"verdict": "pass"}');
  const slow = join(dir, 'qemu-system-x86_64');
  writeFileSync(slow, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
  const running = start([...args, '--candidate', slow]);
  while (readFileSync(report, 'utf8').includes('pass'))
    await new Promise((resolve) => setTimeout(resolve, 50));
  running.signalGroup('SIGINT');
  expect((await running.ended).code).toBe(130);
  expect(read(report)).toMatchObject({ verdict: 'unknown', complete: false, candidate: slow, items: [] });
  expect(readFileSync(join(dir, 'gate.xml'), 'utf8')).toContain('<testsuites ');
});
