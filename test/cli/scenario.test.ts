import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { inProcess } from './in-process.ts';
import { mirrorfuzz } from './mirrorfuzz.ts';
import { scenarioResultSchema } from './result-schema.ts';
import { sequenceFile, sound, unsound } from './sequence-files.ts';
import { storeFinding } from './stored-finding.ts';

const hasQemu = oneQemu() !== undefined;
const onFiles = ['--flavour', 'daemon', '--storage', 'file'];

test('list tells name, where it runs, tags and title of every scenario of the project', async () => {
  const { code, stdout } = await inProcess(['scenario', 'list']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^NAME +RUNS ON +TAGS +WHAT MUST HOLD$/m);
  expect(stdout).toMatch(/^06-info-block-jobs +system +test-plan,\S* +The human monitor's info/m);
  expect(stdout).toMatch(/^full-mirror-pivots +any storage +\S*storage:dst +A full mirror/m);
});

test('list --json is for scripts: what varies and what is required stands apart', async () => {
  const { stdout } = await inProcess(['scenario', 'list', 'storage:dst', '--json', '-']);
  const { schema, scenarios } = JSON.parse(stdout);
  expect(schema).toBe(1);
  expect(scenarios.length).toBeGreaterThan(5);
  for (const { storage } of scenarios) expect(storage.varies).toContain('dst');
});

test('a scenario is named by its name, a tag, its folder or a glob', async () => {
  const dir = corpus();
  for (const [word, names] of Object.entries({
    bad: ['bad'],
    wrong: ['bad'],
    more: ['other'],
    'o*': ['other'],
    'test-plan': ['good'],
  })) {
    const { stdout } = await inProcess(['scenario', 'list', word, '--corpus', dir, '--json', '-']);
    expect(JSON.parse(stdout).scenarios.map(({ name }: { name: string }) => name)).toEqual(names);
  }
});

test('a name that none has is one clear line and exit code 2', async () => {
  const { code, stderr } = await inProcess(['scenario', 'run', 'no-such-scenario']);
  expect(code).toBe(2);
  expect(stderr).toBe(
    'mirrorfuzz: there is no scenario, tag or pattern "no-such-scenario" (try: mirrorfuzz scenario list)\n',
  );
});

test('a storage tag for a disk that is not in the arena is refused with the file', async () => {
  const dir = corpus();
  sequenceFile(join(dir, 'scenarios'), 'slip', { ...sound, tags: ['storage:dts'] });
  const { code, stderr } = await inProcess(['scenario', 'list', '--corpus', dir]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/slip\.json: tags: storage:dts: the arena has no disk "dts"/);
});

test.runIf(hasQemu)('scenarios that pass are a matrix, a summary and exit code 0', async () => {
  const { code, stdout, stderr } = await mirrorfuzz(['scenario', 'run', 'good', 'other', ...run()]);
  expect(stderr).toBe('');
  expect(stdout).toMatch(
    /^SCENARIO +\S+\ngood +pass 1\/1\nother +pass 1\/1\n2 scenarios: 2 passed, 0 failed; /,
  );
  expect(code).toBe(0);
});

test.runIf(hasQemu)('a failing one is run three times and is told in detail: exit code 1', async () => {
  const { code, stdout, stderr } = await mirrorfuzz(['scenario', 'run', ...run(), '--json', '-']);
  const result = scenarioResultSchema.parse(JSON.parse(stdout));
  expect(result.verdict).toBe('fail');
  expect(result.sequences).toBe(5);
  expect(result.items).toContainEqual(
    expect.objectContaining({ name: 'bad', verdict: 'fail', ok: 0, of: 3, storage: null }),
  );
  expect(result.items.filter(({ verdict }) => verdict === 'pass')).toHaveLength(2);
  expect(result.findings).toMatchObject([{ rule: 'claim/reply', known: false }]);
  expect(stderr).toMatch(/^FAIL {2}bad on \S+ daemon: passed 0 of 3$/m);
  expect(code).toBe(1);
});

test.runIf(hasQemu)('what the findings store has already is known, and no failure: exit code 0', async () => {
  const args = ['scenario', 'run', 'bad', '--corpus', corpus(), ...onFiles, '--json', '-'];
  const store = join(temporaryDir(), 'findings');
  const met = scenarioResultSchema.parse(
    JSON.parse((await mirrorfuzz([...args, '--findings', store])).stdout),
  );
  storeFinding(store, { signature: met.findings[0]?.signature ?? '' });
  const { code, stdout } = await mirrorfuzz([...args, '--findings', store]);
  const result = scenarioResultSchema.parse(JSON.parse(stdout));
  expect(result).toMatchObject({
    verdict: 'pass',
    items: [{ verdict: 'known' }],
    findings: [{ known: true }],
  });
  expect(code).toBe(0);
});

test.runIf(hasQemu)('what a QEMU lacks is skipped, and the reason stands below the matrix', async () => {
  const dir = corpus();
  sequenceFile(join(dir, 'scenarios'), 'needy', { ...sound, requires: { commands: { 'x-no-such': [] } } });
  const { code, stdout } = await mirrorfuzz(['scenario', 'run', 'needy', ...run(dir)]);
  expect(stdout).toMatch(/^needy +skip a$/m);
  expect(stdout).toMatch(/^ {2}a {2}.* has no x-no-such$/m);
  expect(code).toBe(3); // nothing was judged
});

test.runIf(hasQemu)('a scenario about storage that is not asked for is skipped', async () => {
  const dir = corpus();
  const [disk] = sound.arena.disks;
  sequenceFile(join(dir, 'scenarios'), 'remote', {
    ...sound,
    arena: { disks: [{ ...disk, storage: 'nbd' }] },
  });
  const { stdout } = await mirrorfuzz(['scenario', 'run', 'remote', ...run(dir)]);
  expect(stdout).toMatch(/^ {2}a {2}nbd storage is not asked for/m);
});

const run = (dir = corpus()): string[] => [
  '--corpus',
  dir,
  '--findings',
  join(dir, 'no-findings'),
  ...onFiles,
];

/** Three scenarios, one of which fails. */
function corpus(): string {
  const dir = temporaryDir();
  for (const folder of ['test-plan', 'scenarios/more']) mkdirSync(join(dir, folder), { recursive: true });
  sequenceFile(join(dir, 'test-plan'), 'good', sound);
  sequenceFile(join(dir, 'scenarios'), 'bad', { ...unsound, tags: ['wrong'] });
  sequenceFile(join(dir, 'scenarios/more'), 'other', sound);
  return dir;
}
