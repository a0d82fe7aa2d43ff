import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseSequence } from '../../src/sequence/parse.ts';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { binary, descendants, isAlive, mirrorfuzz, start } from './mirrorfuzz.ts';
import { resultSchema } from './result-schema.ts';

const hasQemu = oneQemu() !== undefined;

/** In a directory of its own, so that nothing known and nothing kept is there. */
function places(dir: string): string[] {
  return ['--findings', join(dir, 'findings'), '--corpus', join(dir, 'corpus')];
}

test.runIf(hasQemu)(
  "a hunt runs its sequences, tells figures, and says so in the contract's JSON",
  async () => {
    const dir = temporaryDir();
    const json = join(dir, 'out.json');
    const { code, stdout } = await mirrorfuzz([
      ...['hunt', '--sequences', '24', '--seed', '1', '--no-shrink', '--workers', '2', '--json', json],
      ...places(dir),
    ]);
    const result = resultSchema.parse(JSON.parse(readFileSync(json, 'utf8')));
    expect(result).toMatchObject({ seed: '1', sequences: 24, workersLost: [], warnings: [] });
    expect(result.commands).toBeGreaterThan(100);
    expect(stdout).toContain('with seed 1: 24 sequences');
    expect(code).toBe(result.findings.length > 0 ? 1 : 0);
    for (const { id } of result.findings)
      expect(readdirSync(join(dir, 'findings', id))).toEqual(
        expect.arrayContaining([
          'README.md',
          'finding.json',
          'original.json',
          'repro.sh',
          'sequence.json',
          'trace.jsonl',
        ]),
      );
  },
);

test.runIf(hasQemu)('what showed something new is kept for the next hunt', async () => {
  const dir = temporaryDir();
  await mirrorfuzz(['hunt', '--sequences', '12', '--seed', '2', '--no-shrink', ...places(dir)]);
  const [version = ''] = readdirSync(join(dir, 'corpus', 'hunt'));
  const kept = readdirSync(join(dir, 'corpus', 'hunt', version));
  expect(kept.length).toBeGreaterThan(3);
  for (const name of kept) {
    const file = join(dir, 'corpus', 'hunt', version, name);
    expect(parseSequence(readFileSync(file, 'utf8'), file).comment).toMatch(/^kept: the first to show/);
  }
});

test.runIf(hasQemu)(
  'the same seed gives the same sequences, byte for byte, and another seed others',
  async () => {
    const dry = async (seed: string): Promise<string> =>
      (await mirrorfuzz(['hunt', '--dry-run', '--sequences', '20', '--seed', seed])).stdout;
    const [once, again, other] = [await dry('7'), await dry('7'), await dry('8')];
    expect(once).toBe(again);
    expect(other).not.toBe(once);
    expect(once.match(/"schema": 1/g)).toHaveLength(20);
  },
);

test.runIf(hasQemu)(
  'a dry run of a number of sequences says what they hold, as a table and as JSON',
  async () => {
    const file = join(temporaryDir(), 'drawn.json');
    const { code, stdout } = await mirrorfuzz(['hunt', '--dry-run', '60', '--seed', '7', '--json', file]);
    expect(code).toBe(0);
    const drawn = JSON.parse(readFileSync(file, 'utf8'));
    expect(drawn).toMatchObject({ schema: 1, sequences: 60, seed: '7', findings: [], verdict: 'unknown' });
    const mirrors = drawn.features.find(({ feature }: { feature: string }) => feature === 'a mirror begins');
    expect(mirrors.count).toBeGreaterThan(20);
    expect(mirrors.share).toBeCloseTo(mirrors.count / 60, 4);
    expect(stdout).toMatch(new RegExp(`a mirror begins +${mirrors.count} `));
  },
);

test.runIf(hasQemu)('a dry run of no number is a usage error', async () => {
  const { code, stderr } = await mirrorfuzz(['hunt', '--dry-run', 'many']);
  expect(code).toBe(2);
  expect(stderr).toContain('--dry-run must be a whole number');
});

test.runIf(hasQemu)('Ctrl-C ends a hunt with exit code 130, and no process or file is left', async () => {
  const dir = temporaryDir();
  const runs = temporaryDir();
  const hunt = start(['hunt', '--time', '60s', '--seed', '3', ...places(dir)], { TMPDIR: runs });
  await hunt.says('hunting in');
  while (descendants(hunt.pid).length < 5) await new Promise((resolve) => setTimeout(resolve, 50));
  const below = descendants(hunt.pid);
  hunt.signalGroup('SIGINT');
  const { code, stdout } = await hunt.ended;
  expect(code).toBe(130);
  expect(stdout).toContain('interrupted after');
  await expect.poll(() => below.filter(isAlive)).toEqual([]);
  await expect.poll(() => readdirSync(runs)).toEqual([]);
});

test.runIf(hasQemu)(
  'Ctrl-C while the machine is still looked at ends it, too, and nothing is left',
  async () => {
    const runs = temporaryDir();
    const hunt = start(['hunt', '--time', '60s', ...places(temporaryDir())], { TMPDIR: runs });
    while (readdirSync(runs).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const below = descendants(hunt.pid);
    hunt.signalGroup('SIGINT');
    expect((await hunt.ended).code).toBe(130);
    await expect.poll(() => below.filter(isAlive)).toEqual([]);
    await expect.poll(() => readdirSync(runs)).toEqual([]);
  },
);

test.runIf(hasQemu)(
  'a reader that goes away interrupts the hunt, and its result is written all the same',
  async () => {
    const json = join(temporaryDir(), 'out.json');
    const args = ['hunt', '--time', '120s', '--seed', '3', '--json', json, ...places(temporaryDir())];
    const shell = ['-c', 'set -o pipefail; "$0" "$@" | head -n 1', binary, ...args];
    const { status, stdout } = spawnSync('bash', shell, { encoding: 'utf8', timeout: 50_000 });
    expect(stdout).toMatch(/^.+\n$/);
    expect(status).toBe(130);
    const result = resultSchema.parse(JSON.parse(readFileSync(json, 'utf8')));
    expect(result.interrupted).toBe(true);
  },
);

test.runIf(hasQemu)('a budget that is over at once ends properly, and nothing is claimed', async () => {
  const json = join(temporaryDir(), 'out.json');
  const args = ['hunt', '--time', '1ms', '--json', json, ...places(temporaryDir())];
  const { code, stdout, stderr } = await mirrorfuzz(args);
  expect(stderr).toBe('');
  expect(stdout).toContain('no sequence was run to its end, so nothing is known');
  expect(code).toBe(3);
  const result = resultSchema.parse(JSON.parse(readFileSync(json, 'utf8')));
  expect(result).toMatchObject({ sequences: 0, verdict: 'unknown' });
});

test.runIf(hasQemu)('a hunt that is killed takes its workers and QEMUs along', async () => {
  const dir = temporaryDir();
  const hunt = start(['hunt', '--time', '60s', '--seed', '4', ...places(dir)]);
  while (descendants(hunt.pid).length < 5) await new Promise((resolve) => setTimeout(resolve, 50));
  const below = descendants(hunt.pid);
  hunt.kill();
  await hunt.ended;
  await expect.poll(() => below.filter(isAlive), { timeout: 8_000 }).toEqual([]);
});

test.each([
  [['--time', 'soon'], /--time soon: must be a time such as/],
  [['--seed', '-1'], /--seed -1: must be a whole number/],
  [['--properties', 'nope'], /there is no property "nope".*lifecycle/],
  [['--findings', '/dev/null'], /--findings \/dev\/null: \/dev\/null is a file/],
])('hunt %s is answered by one line and exit code 2', async (args, line) => {
  const { code, stderr } = await mirrorfuzz(['hunt', ...args]);
  expect(code).toBe(2);
  expect(stderr).toMatch(line);
  expect(stderr.trim()).not.toContain('\n');
  expect(existsSync('findings/undefined')).toBe(false);
});
