import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkImage, compareImages, type ImageFile } from '../../../src/target/images/compare.ts';
import { contentBytes } from '../../../src/trace/content-bytes.ts';
import { temporaryDir } from '../temporary.ts';

const MiB = 2 ** 20;
const qemuImg = { argv: ['qemu-img'], env: {} };

test('raw and qcow2 of the same content are the same, whatever is allocated', async () => {
  const raw = rawFile('a.raw', contentBytes('src', 0, MiB));
  expect(await compareImages(qemuImg, raw, converted(raw))).toMatchObject({ outcome: 'same' });
  const zeroes = rawFile('b.raw', Buffer.alloc(MiB));
  expect(await compareImages(qemuImg, zeroes, sparse('c.raw', MiB))).toMatchObject({ outcome: 'same' });
});

test('one flipped byte is found, and where', async () => {
  const bytes = contentBytes('src', 0, MiB);
  const a = rawFile('a.raw', bytes);
  bytes[777_777] = (bytes[777_777] ?? 0) ^ 1;
  const compared = await compareImages(qemuImg, a, rawFile('b.raw', bytes));
  expect(compared).toEqual({ outcome: 'different', text: 'Content mismatch at offset 777728!' });
});

test('images of different sizes differ, be the rest only zeroes', async () => {
  expect(await compareImages(qemuImg, sparse('a.raw', MiB), sparse('b.raw', 2 * MiB))).toEqual({
    outcome: 'different',
    text: 'the sizes differ, the rest is zeroes',
  });
});

test('an odd size is the same as that size rounded up to a sector', async () => {
  const odd = rawFile('a.raw', contentBytes('src', 0, 513));
  expect(await compareImages(qemuImg, odd, converted(odd))).toMatchObject({ outcome: 'same' });
  expect(await compareImages(qemuImg, odd, sparse('b.raw', 1024))).toMatchObject({ outcome: 'different' });
});

test('an image that is missing is unreadable, with the words of qemu-img', async () => {
  const there = sparse('a.raw', MiB);
  const missing: ImageFile = { path: `${there.path}.gone`, format: 'raw' };
  const compared = await compareImages(qemuImg, there, missing);
  expect(compared.outcome).toBe('unreadable');
  expect(compared.text).toContain('No such file or directory');
});

test('a qcow2 that somebody still has open to write is unreadable', async () => {
  const a = converted(sparse('a.raw', MiB));
  const holder = spawn('qemu-io', ['-f', 'qcow2', a.path], { stdio: ['pipe', 'pipe', 'ignore'] });
  onTestFinished(async () => {
    const gone = once(holder, 'exit');
    holder.stdin.end();
    await gone;
  });
  await once(holder.stdout, 'data'); // its prompt: the image is open
  const compared = await compareImages(qemuImg, a, sparse('b.raw', MiB));
  expect(compared.outcome).toBe('unreadable');
  expect(compared.text).toContain('lock');
});

test('a qcow2 as qemu-img made it holds, and so does any raw', async () => {
  const raw = rawFile('a.raw', contentBytes('src', 0, MiB));
  expect(await checkImage(qemuImg, converted(raw))).toMatchObject({ outcome: 'holds', text: /No errors/ });
  expect(await checkImage(qemuImg, raw)).toMatchObject({ outcome: 'holds' });
});

test('a qcow2 whose refcounts are wiped is broken', async () => {
  const image = converted(rawFile('a.raw', contentBytes('src', 0, MiB)));
  execFileSync('qemu-io', ['-f', 'raw', '-c', 'write -P 0 128k 64k', image.path]); // the refcount block's cluster
  const checked = await checkImage(qemuImg, image);
  expect(checked).toMatchObject({ outcome: 'broken', text: /corrupt: \d+ errors/ });
});

test('leaked clusters are told apart from corruption', async () => {
  const image = converted(rawFile('a.raw', contentBytes('src', 0, MiB)));
  execFileSync('qemu-io', ['-f', 'raw', '-c', 'write -P 0 256k 8', image.path]); // the first L2 entry
  const checked = await checkImage(qemuImg, image);
  expect(checked).toMatchObject({ outcome: 'broken', text: /leaks only: 1 leaked clusters/ });
});

test('what is no qcow2 is unreadable', async () => {
  const { path } = sparse('a.raw', MiB);
  expect(await checkImage(qemuImg, { path, format: 'qcow2' })).toMatchObject({ outcome: 'unreadable' });
});

function rawFile(name: string, bytes: Buffer): ImageFile {
  const path = join(temporaryDir(), name);
  writeFileSync(path, bytes);
  return { path, format: 'raw' };
}

function sparse(name: string, sizeBytes: number): ImageFile {
  const file = rawFile(name, Buffer.alloc(0));
  truncateSync(file.path, sizeBytes);
  return file;
}

function converted(raw: ImageFile): ImageFile {
  const path = `${raw.path}.qcow2`;
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw.path, path]);
  return { path, format: 'qcow2' };
}
