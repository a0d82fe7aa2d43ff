import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { without } from './hidden-path.ts';
import { mirrorfuzz } from './mirrorfuzz.ts';
import { sequenceFile, sound } from './sequence-files.ts';
import { storeFinding } from './stored-finding.ts';

const isInstalled = oneQemu()?.origin === 'path';
const looked = { ...sound, after: [{ content: 'dst' }] };
const said =
  /^without qemu-img on \S+: it is not installed, so no image is judged -> .*install.* qemu-utils$/m;
const reason = 'an image was not judged: there is no qemu-img';

test.runIf(isInstalled)(
  'without qemu-img a run says so before the start, and what wants it is unknown',
  async () => {
    const dir = temporaryDir();
    const json = join(dir, 'out.json');
    const file = sequenceFile(dir, 'looked', looked);
    const { code, stdout } = await mirrorfuzz(['run', file, '--json', json], without('qemu-img'));
    expect(stdout).toMatch(said);
    expect(stdout.search(said)).toBeLessThan(stdout.indexOf('unknown: '));
    expect(stdout).toContain(
      `2 undecided: ${reason}\n0 passed, 0 failed, 0 skipped, 2 undecided; 0 of 2 sequences`,
    );
    expect(code).toBe(3);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({
      verdict: 'unknown',
      decided: { sequences: 0, undecided: [{ reason, count: 2 }] },
      items: [
        { verdict: 'unknown', reason },
        { verdict: 'unknown', reason },
      ],
    });
  },
);

test.runIf(isInstalled)('without qemu-img what plans to look at no image is judged as ever', async () => {
  const file = sequenceFile(temporaryDir(), 'sound', sound);
  const { code, stdout } = await mirrorfuzz(['run', file], without('qemu-img'));
  expect(stdout).not.toMatch(said);
  expect(code).toBe(0);
});

test.runIf(isInstalled)(
  'without qemu-img a replay decides nothing, and its finding keeps no figure',
  async () => {
    const dir = temporaryDir();
    const id = storeFinding(dir, {
      signature: 'integrity/mirror-copy: x',
      after: looked.after,
      steps: sound.steps,
    });
    const file = join(dir, id, 'finding.json');
    const before = readFileSync(file, 'utf8');
    const replay = ['replay', join(dir, id), '--times', '10', '--record'];
    const { code, stdout } = await mirrorfuzz(replay, without('qemu-img'));
    expect(stdout).toMatch(said);
    expect(stdout).toMatch(/^10 undecided: an image was not judged: there is no qemu-img\nreproduced 0\/0$/m);
    expect(code).toBe(3);
    expect(readFileSync(file, 'utf8')).toBe(before);
  },
);

test.runIf(isInstalled)('without qemu-img a scenario is unknown, with the reason', async () => {
  const dir = temporaryDir();
  mkdirSync(join(dir, 'scenarios'));
  sequenceFile(join(dir, 'scenarios'), 'looked', looked);
  const json = join(dir, 'out.json');
  const { code, stdout } = await mirrorfuzz(
    ['scenario', 'run', 'looked', '--corpus', dir, '--findings', join(dir, 'f'), '--json', json],
    without('qemu-img'),
  );
  expect(stdout).toMatch(said);
  expect(stdout).toMatch(/^looked +\? a$/m);
  expect(code).toBe(3);
  expect(JSON.parse(readFileSync(json, 'utf8')).items[0]).toMatchObject({ verdict: 'unknown', reason });
});

test.runIf(isInstalled)(
  'without qemu-img a hunt judges the rest, and says at the start and at the end that no image is judged',
  async () => {
    const dir = temporaryDir();
    const json = join(dir, 'out.json');
    const { code, stdout } = await mirrorfuzz(
      [
        ...['hunt', '--sequences', '12', '--seed', '5', '--properties', 'integrity', '--storage', 'file'],
        ...['--workers', '2', '--findings', join(dir, 'f'), '--corpus', join(dir, 'c'), '--json', json],
      ],
      without('qemu-img'),
    );
    expect(stdout).toMatch(/^without .*qemu-img \(it is not installed, so no image is judged\)/m);
    expect(stdout).toMatch(said);
    const { decided, sequences, verdict } = JSON.parse(readFileSync(json, 'utf8'));
    expect(decided).toEqual({ sequences, undecided: [] });
    expect(code).toBe(verdict === 'pass' ? 0 : 1);
  },
);
