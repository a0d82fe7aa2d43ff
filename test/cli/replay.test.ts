import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFindings } from '../../src/findings/store.ts';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { mirrorfuzz } from './mirrorfuzz.ts';
import { resultSchema } from './result-schema.ts';
import { refused, sequenceFile, sound } from './sequence-files.ts';
import { long, signature, storeFinding } from './stored-finding.ts';

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
      findings: [{ id, signature, reproduced: { ok: 3, of: 3 } }],
    });
  },
);

test.runIf(hasQemu)('a flavour that can’t run it is not said to be unaffected', async () => {
  const dir = temporaryDir();
  const arena = { disks: [{ name: 'src', format: 'qcow2', sizeBytes: 2 ** 20, frontend: 'drive' }] };
  const id = storeFinding(dir, { arena });
  const { stdout } = await mirrorfuzz(['replay', join(dir, id), '--flavour', 'both', '--times', '2']);
  expect(stdout).toMatch(/^reproduced 2\/4$/m);
  const { affected } = openFindings(dir).read(id).finding;
  expect(affected.filter(({ of }) => of === 2)).toMatchObject([{ flavour: 'system', ok: 2, of: 2 }]);
  expect(affected.some(({ flavour, ok }) => flavour === 'daemon' && ok === 0)).toBe(false);
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
  const file = sequenceFile(temporaryDir(), 'refused', refused);
  const { code, stdout } = await mirrorfuzz(['replay', file, '--flavour', 'daemon', '--times', '2']);
  expect(stdout).toMatch(/^reproduced 0\/2$/m);
  expect(code).toBe(3);
});

test.each([
  ['a name that is nothing', () => ['no-such-thing'], /no-such-thing: no such file or directory, and no/],
  ['an id there is not', () => ['abc', '--findings', temporaryDir()], /there is no finding "abc"/],
  ['a directory that is no finding', () => [temporaryDir()], /holds no finding\.json/],
  ['no times', () => [sequenceFile(temporaryDir(), 'a', sound), '--times', '0'], /--times wants a whole/],
])('%s: exit code 2 and one clear line', async (_what, args, complaint) => {
  const { code, stdout, stderr } = await mirrorfuzz(['replay', ...args()]);
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
