import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFindings } from '../../src/findings/store.ts';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { inProcess } from './in-process.ts';
import { mirrorfuzz } from './mirrorfuzz.ts';
import { resultSchema } from './result-schema.ts';
import { refused, sequenceFile, sound, unsound } from './sequence-files.ts';
import { long, signature, storeFinding } from './stored-finding.ts';

/** A finding's directory. */
function storedHere(): string {
  const dir = temporaryDir();
  return join(dir, storeFinding(dir));
}

const hasQemu = oneQemu() !== undefined;

test.runIf(hasQemu)(
  'a finding is replayed in its own flavour: how often it shows, and exit code 1',
  async () => {
    const dir = temporaryDir();
    const id = storeFinding(dir);
    const json = join(dir, 'out.json');
    const { code, stdout } = await mirrorfuzz([
      ...['replay', id.slice(0, 5), '--findings', dir, '--times', '3', '--json', json],
    ]);
    expect(stdout).toMatch(/^reproduced 3\/3$/m);
    expect(code).toBe(1);
    const result = resultSchema.parse(JSON.parse(readFileSync(json, 'utf8')));
    expect(result.qemu.map(({ flavour }) => flavour)).toEqual(['daemon']);
    expect(result).toMatchObject({
      verdict: 'fail',
      sequences: 3,
      decided: { sequences: 3, undecided: [] },
      reproduced: { ok: 3, of: 3 },
      findings: [{ id, signature, reproduced: { ok: 3, of: 3 } }],
    });
  },
);

const drive = { disks: [{ name: 'src', format: 'qcow2', sizeBytes: 2 ** 20, frontend: 'drive' }] };

test.runIf(hasQemu)(
  'with --record a finding keeps the figures of ten decided runs, and what a program lacks',
  async () => {
    const dir = temporaryDir();
    const id = storeFinding(dir, { arena: drive });
    const replay = ['replay', join(dir, id), '--flavour', 'both', '--record'];
    const { stdout } = await mirrorfuzz(replay);
    expect(stdout).toMatch(/^\d+ undecided: the arena .*\nreproduced 10\/10$/m);
    const { affected } = openFindings(dir).read(id).finding;
    expect(affected).toMatchObject([
      {
        flavour: 'daemon',
        ok: 0,
        of: 0,
        outcome: 'lacks',
        how: 'no human-monitor-command',
      },
      { flavour: 'system', ok: 10, of: 10, outcome: 'shows' },
    ]);
  },
);

test.runIf(hasQemu)('a replay without --record writes nothing to the store', async () => {
  const dir = temporaryDir();
  const id = storeFinding(dir, { signature: 'claim/reply: something else' });
  const file = join(dir, id, 'finding.json');
  const before = readFileSync(file, 'utf8');
  await mirrorfuzz(['replay', join(dir, id), '--times', '2']);
  expect(readFileSync(file, 'utf8')).toBe(before);
  await mirrorfuzz(['replay', join(dir, id), '--record']);
  expect(readFileSync(file, 'utf8')).not.toBe(before);
  // Where it does not show, its block has nothing to show, either.
  expect(openFindings(dir).read(id).finding.block).toBeUndefined();
});

test.runIf(hasQemu)('what breaks a rule in another way is told, and is not the finding', async () => {
  const dir = temporaryDir();
  const id = storeFinding(dir, { signature: 'claim/reply: something else' });
  const { code, stdout } = await mirrorfuzz(['replay', join(dir, id), '--times', '2', '--quiet']);
  expect(stdout).toBe(`another one: ${signature}, 2 times\nreproduced 0/2\n`);
  expect(code).toBe(0);
});

test.runIf(hasQemu)('of a plain file any violation counts, in both flavours', async () => {
  const { code, stdout } = await mirrorfuzz([
    ...['replay', sequenceFile(temporaryDir(), 'long', long), '--times', '2', '--quiet'],
  ]);
  expect(stdout).toBe('reproduced 4/4\n');
  expect(code).toBe(1);
});

test.runIf(hasQemu)('what is sound does not show: exit code 0', async () => {
  const file = sequenceFile(temporaryDir(), 'sound', sound);
  const { code, stdout } = await mirrorfuzz(['replay', file, '--flavour', 'daemon', '--times', '2']);
  expect(stdout).toMatch(/^reproduced 0\/2$/m);
  expect(code).toBe(0);
});

test.runIf(hasQemu)('what can’t be run at all neither shows nor fails to: exit code 3', async () => {
  const dir = temporaryDir();
  const json = join(dir, 'out.json');
  const file = sequenceFile(dir, 'refused', refused);
  const { code, stdout } = await mirrorfuzz([
    ...['replay', file, '--flavour', 'daemon', '--times', '2', '--json', json],
  ]);
  expect(stdout).toMatch(/^2 undecided: the arena was refused: .*\nreproduced 0\/0$/m);
  expect(code).toBe(3);
  expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({
    verdict: 'unknown',
    decided: { sequences: 0, undecided: [{ count: 2 }] },
  });
});

test.runIf(hasQemu)('under --bisect what could not be decided is skipped: exit code 125', async () => {
  const dir = temporaryDir();
  const bisect = async (name: string, sequence: object, ...more: string[]): Promise<number | null> => {
    const file = sequenceFile(dir, name, sequence);
    return (await mirrorfuzz(['replay', file, '--flavour', 'daemon', '--times', '1', '--bisect', ...more]))
      .code;
  };
  expect(await bisect('refused', refused)).toBe(125);
  expect(await bisect('no-such-build', sound, '--qemu', join(dir, 'build'))).toBe(125);
  expect(await bisect('unparsable', sound, '--no-such-option')).toBe(125);
  expect(await bisect('sound', sound)).toBe(0);
  expect(await bisect('unsound', unsound)).toBe(1);
});

test('--help shows how to bisect', async () => {
  const { stdout } = await mirrorfuzz(['replay', '--help']);
  expect(stdout).toMatch(/git bisect run mirrorfuzz replay 3f2a --bisect --qemu/);
});

test.each([
  ['a name that is nothing', () => ['no-such-thing'], /no-such-thing: no such file or directory, and no/],
  ['an id there is not', () => ['abc', '--findings', temporaryDir()], /there is no finding "abc"/],
  ['a directory that is no finding', () => [temporaryDir()], /holds no finding\.json/],
  [
    'a figure that no store can keep',
    () => [sequenceFile(temporaryDir(), 'a', sound), '--record'],
    /--record: .* is no finding in a store/,
  ],
  [
    'a rate that rests on three runs',
    () => [storedHere(), '--record', '--times', '3'],
    /--times 3: a rate that is kept rests on 10 runs at least/,
  ],
  [
    'no times',
    () => [sequenceFile(temporaryDir(), 'a', sound), '--times', '0'],
    /--times must be a whole number/,
  ],
])('%s: exit code 2 and one clear line', async (_what, args, complaint) => {
  const { code, stdout, stderr } = await inProcess(['replay', ...args()]);
  expect(stderr).toMatch(complaint);
  expect(stderr).toMatch(/^mirrorfuzz: [^\n]+\n$/);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test.runIf(hasQemu)('a replay leaves nothing behind', async () => {
  const tmp = temporaryDir();
  const dir = temporaryDir();
  const id = storeFinding(dir);
  const before = readdirSync(join(dir, id)).sort();
  await mirrorfuzz(['replay', join(dir, id), '--times', '1'], { TMPDIR: tmp });
  expect(readdirSync(tmp)).toEqual([]);
  expect(readdirSync(join(dir, id)).sort()).toEqual(before);
  expect(existsSync(join(dir, id, 'finding.json'))).toBe(true);
});
