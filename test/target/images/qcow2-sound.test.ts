import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { isSoundQcow2 } from '../../../src/target/images/qcow2-sound.ts';
import { temporaryDir } from '../temporary.ts';

test.each([
  ['an empty image', 'compat=1.1', []],
  ['one of the old version', 'compat=0.10', ['write -P 7 0 200k']],
  [
    'data, and zeroes with and without a place',
    'compat=1.1',
    ['write -P 1 0 300k', 'write -z 64k 64k', 'write -z 640k 64k'],
  ],
  [
    'small clusters, more than a refcount block counts',
    'cluster_size=512,refcount_bits=64',
    ['write -P 1 0 500k'],
  ],
  ['one bit a count', 'cluster_size=4k,refcount_bits=1', ['write -P 1 0 900k', 'discard 8k 100k']],
  ['four bits a count', 'refcount_bits=4', ['write -P 1 77k 900k']],
  ['all of it allocated', 'preallocation=falloc', []],
  ['its last cluster cut short', 'cluster_size=2M', ['write -P 3 1000k 24k']],
])('%s is sound', (_, options, commands) => {
  expect(isSoundQcow2(made(options, commands))).toBe(true);
});

test('an image over another is sound', () => {
  const dir = temporaryDir();
  const [base, over] = [join(dir, 'base'), join(dir, 'over')];
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', base, '1M']);
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', 'qcow2', over]);
  expect(isSoundQcow2(over)).toBe(true);
});

test.each([
  ['a snapshot', (path: string) => void execFileSync('qemu-img', ['snapshot', '-c', 's', path])],
  ['a bitmap', (path: string) => void execFileSync('qemu-img', ['bitmap', '--add', path, 'b'])],
  ['what is no qcow2', (path: string) => writeFileSync(path, 'no image')],
  ['nothing', (path: string) => writeFileSync(path, '')],
])('%s is left to qemu-img', (_, spoil) => {
  const path = made('compat=1.1', ['write -P 1 0 100k']);
  spoil(path);
  expect(isSoundQcow2(path)).toBe(false);
});

test('an image that is open to write is left to qemu-img', async () => {
  const path = made('compat=1.1', []);
  const holder = spawn('qemu-io', ['-f', 'qcow2', path], { stdio: ['pipe', 'pipe', 'ignore'] });
  const gone = once(holder, 'exit');
  onTestFinished(async () => {
    holder.stdin.end();
    await gone;
  });
  await once(holder.stdout, 'data'); // its prompt: the image is open
  expect(isSoundQcow2(path)).toBe(false);
  holder.stdin.end();
  await gone;
  expect(isSoundQcow2(path)).toBe(true);
});

/** Bits of the header's numbers, of the L1 table, of an L2 table, of the refcounts, and anywhere. */
test('whatever bits of its tables are turned: what is called sound, qemu-img calls sound', () => {
  const path = made('cluster_size=4k', ['write -P 1 0 300k', 'write -z 400k 64k']);
  const whole = readFileSync(path);
  const isHeld = new Set<number>();
  for (let at = 0; at < whole.length; at += 8)
    if (whole.readBigUInt64BE(at) !== 0n && whole[at] !== 1) isHeld.add(at);
  const words = [...isHeld];
  let refused = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...words), fc.nat(63)), { minLength: 1, maxLength: 2 }),
      (turned) => {
        const bytes = Buffer.from(whole);
        for (const [at, bit] of turned) bytes[at + (bit >> 3)]! ^= 1 << (bit & 7);
        writeFileSync(path, bytes);
        if (!isSoundQcow2(path)) refused++;
        else expect(spawnSync('qemu-img', ['check', '-q', '-f', 'qcow2', path]).status).toBe(0);
      },
    ),
    { numRuns: 400 },
  );
  expect(refused).toBeGreaterThan(200);
});

function made(options: string, commands: readonly string[]): string {
  const path = join(temporaryDir(), 'image');
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', options, path, '1M']);
  for (const command of commands)
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', command, path], { stdio: 'ignore' });
  return path;
}
