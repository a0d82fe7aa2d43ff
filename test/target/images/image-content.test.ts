import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ImageFile } from '../../../src/target/images/compare.ts';
import { originRuns } from '../../../src/target/images/content-runs.ts';
import { type ImageContent, readImage } from '../../../src/target/images/image-content.ts';
import { contentBytes } from '../../../src/trace/content-bytes.ts';
import { temporaryDir } from '../temporary.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
const img = { argv: ['qemu-img'], env: {} };
const disks = ['src', 'base', 'mid'].map((name) => ({ name, seedText: name }));

test('raw and qcow2 of any cluster size with the same content read the same, as qemu-img converts them', async () => {
  const dir = temporaryDir();
  const raw = written(dir, 3 * MiB, [
    { disk: 'src', at: 0, length: 64 * KiB },
    { disk: 'src', at: 100 * KiB + 512, length: 3 * 512, generation: 7 },
    { disk: 'base', at: MiB + 100, length: 5000, generation: 2 },
    { disk: 'src', at: 3 * MiB - 700, length: 700 },
  ]);
  const expected = await truth(raw);
  expect(await read(raw)).toEqual(expected);
  for (const clusterBytes of [512, 4 * KiB, 64 * KiB, 2 * MiB]) {
    const path = join(dir, `${clusterBytes}.qcow2`);
    qemuImg('convert', '-f', 'raw', '-O', 'qcow2', '-o', `cluster_size=${clusterBytes}`, raw.path, path);
    expect(await read({ path, format: 'qcow2' })).toEqual(expected);
  }
});

test('any writes to raw and qcow2, zeroes and discards among them, are read as qemu-img converts them', async () => {
  const write = fc.record({
    command: fc.constantFrom('write -P 65', 'write -P 66', 'write -z', 'write -zu', 'discard'),
    at: fc.nat(MiB - 1),
    length: fc.integer({ min: 1, max: 200 * KiB }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(write, { maxLength: 6 }),
      fc.constantFrom(512, 4096, 65536),
      async (writes, cluster) => {
        const dir = temporaryDir();
        const commands = writes.flatMap(({ command, at, length }) => [
          '-c',
          `${command} ${at} ${Math.min(length, MiB - at)}`,
        ]);
        for (const format of ['raw', 'qcow2'] as const) {
          const image: ImageFile = { path: join(dir, `a.${format}`), format };
          const options = format === 'qcow2' ? ['-o', `cluster_size=${cluster}`] : [];
          qemuImg('create', '-q', '-f', format, ...options, image.path, `${MiB}`);
          if (commands.length > 0)
            execFileSync('qemu-io', ['-d', 'unmap', '-f', format, ...commands, image.path]);
          expect(await read(image)).toEqual(await truth(image));
        }
      },
    ),
    { numRuns: 8 },
  );
});

test('a chain of three is read through its backing files, also where they are shorter or hidden by zeroes', async () => {
  const dir = temporaryDir();
  const base = join(dir, 'base.qcow2');
  qemuImg(
    'convert',
    '-f',
    'raw',
    '-O',
    'qcow2',
    written(dir, MiB, [{ disk: 'base', at: 0, length: MiB }]).path,
    base,
  );
  const mid = join(dir, 'mid.qcow2');
  qemuImg('create', '-q', '-f', 'qcow2', '-b', 'base.qcow2', '-F', 'qcow2', mid, `${MiB}`);
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -z 128k 64k', '-c', 'write -P 65 64k 512', mid]);
  const top = join(dir, 'top.qcow2');
  qemuImg('create', '-q', '-f', 'qcow2', '-b', 'mid.qcow2', '-F', 'qcow2', top, `${2 * MiB}`);
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -P 66 1536k 1k', top]);

  const image: ImageFile = { path: top, format: 'qcow2' };
  const content = await read(image);
  expect(content.runs).toEqual([
    [0, 64 * KiB, 'base:0'],
    [64 * KiB, 512, 'byte:65'],
    [64 * KiB + 512, 64 * KiB - 512, 'base:0'],
    [128 * KiB, 64 * KiB, 'zero'],
    [192 * KiB, MiB - 192 * KiB, 'base:0'],
    [MiB, 512 * KiB, 'zero'],
    [1536 * KiB, KiB, 'byte:66'],
    [1537 * KiB, 511 * KiB, 'zero'],
  ]);
  expect(content).toEqual(await truth(image));
});

test('what lies in no file as it is, compressed or in an external data file, is read from a copy that does not stay', async () => {
  const dir = temporaryDir();
  const raw = written(dir, MiB, [{ disk: 'src', at: 64 * KiB, length: 200 * KiB, generation: 3 }]);
  const expected = await read(raw);
  const beside = join(dir, 'data');
  for (const options of [['-c'], ['-o', `data_file=${beside}`]]) {
    const path = join(dir, `${options[0]}.qcow2`);
    qemuImg('convert', '-f', 'raw', '-O', 'qcow2', ...options, raw.path, path);
    const before = readdirSync(dir);
    expect(await read({ path, format: 'qcow2' })).toEqual(expected);
    expect(readdirSync(dir)).toEqual(before);
  }
});

test('a backing file that the header names by options is read; one in which they inject errors is not tried', async () => {
  const dir = temporaryDir();
  const base = written(dir, MiB, [{ disk: 'base', at: 0, length: 64 * KiB }]);
  const file = { driver: 'file', filename: base.path };
  const overlay = (name: string, options: object): ImageFile => {
    const path = join(dir, name);
    const backing = `json:${JSON.stringify({ driver: 'raw', file: options })}`;
    qemuImg('create', '-q', '-f', 'qcow2', '-b', backing, '-F', 'raw', path, `${MiB}`);
    return { path, format: 'qcow2' };
  };
  expect(await read(overlay('plain.qcow2', file))).toEqual(await read(base));
  const chain = `json:${JSON.stringify({ driver: 'qcow2', file: { driver: 'file', filename: join(dir, 'plain.qcow2') }, backing: { driver: 'raw', file } })}`;
  const top = join(dir, 'top.qcow2');
  qemuImg('create', '-q', '-u', '-f', 'qcow2', '-b', chain, '-F', 'qcow2', top, `${MiB}`);
  expect(await read({ path: top, format: 'qcow2' })).toEqual(await read(base)); // `info --backing-chain` refuses it
  const failing = { driver: 'blkdebug', image: file, 'inject-error.0.event': 'read_aio' };
  const { outcome, text } = {
    text: '',
    ...(await readImage(img, overlay('failing.qcow2', failing), { disks, scratchDir: dir })),
  };
  expect([outcome, text]).toEqual([
    'untried',
    'its header names a backing file in which errors are injected',
  ]);
});

test('one that wants a throttle group or an export of the session, or meets errors as it is opened, is not tried; a lost one is unreadable', async () => {
  const dir = temporaryDir();
  const base = written(dir, MiB, [{ disk: 'base', at: 0, length: 64 * KiB }]);
  const file = { driver: 'file', filename: base.path };
  const over = (name: string, backing: string, format = 'raw'): ImageFile => {
    const path = join(dir, name);
    qemuImg('create', '-q', '-u', '-f', 'qcow2', '-b', backing, '-F', format, path, `${MiB}`);
    return { path, format: 'qcow2' };
  };
  const outcomeOf = async (image: ImageFile) => {
    const content = await readImage(img, image, { disks, scratchDir: dir });
    return 'text' in content ? [content.outcome, content.text] : [];
  };
  const limited = { driver: 'throttle', 'throttle-group': 'g', file };
  over('mid.qcow2', `json:${JSON.stringify({ driver: 'raw', file: limited })}`);
  expect(await outcomeOf(over('top.qcow2', 'mid.qcow2', 'qcow2'))).toEqual([
    'untried',
    'its header names a throttle group, which the session had',
  ]);
  const gone = over('served.qcow2', `nbd+unix:///dst?socket=${join(dir, 'gone.sock')}`);
  expect(await outcomeOf(gone)).toEqual(['untried', 'its header names an export, which the session had']);
  const failing = {
    driver: 'blkdebug',
    image: { driver: 'file', filename: join(dir, 'mid.qcow2') },
    'inject-error.0.event': 'none',
    'inject-error.0.iotype': 'read',
    'inject-error.0.errno': 1,
  };
  expect(
    await outcomeOf(
      over('failing.qcow2', `json:${JSON.stringify({ driver: 'qcow2', file: failing })}`, 'qcow2'),
    ),
  ).toEqual(['untried', 'its header names a backing file in which errors are injected']);
  const [lost] = await outcomeOf(over('lost.qcow2', 'nowhere.raw'));
  expect(lost).toBe('unreadable');
});

test('a size that is no multiple of 512 counts as QEMU counts it, and the rest of that sector is zero', async () => {
  const dir = temporaryDir();
  const odd = written(dir, MiB + 513, [{ disk: 'src', at: MiB, length: 513 }]);
  const content = await read(odd);
  expect(content.sizeBytes).toBe(MiB + 1024);
  expect(content.runs).toEqual([
    [0, MiB, 'zero'],
    [MiB, 513, 'src:0'],
    [MiB + 513, 511, 'zero'],
  ]);
  const path = join(dir, 'odd.qcow2');
  qemuImg('convert', '-f', 'raw', '-O', 'qcow2', odd.path, path);
  expect(await read({ path, format: 'qcow2' })).toEqual(content);
});

test('an image of no size holds nothing', async () => {
  expect(await read(written(temporaryDir(), 0, []))).toMatchObject({ sizeBytes: 0, runs: [] });
});

test('one byte of 1 GiB that changes behind QEMU’s back is found where it is, and changes the hash', async () => {
  const dir = temporaryDir();
  const data = Array.from({ length: 64 }, (_, i) => ({ disk: 'src', at: i * 16 * MiB, length: MiB }));
  const raw = written(dir, GiB, data);
  const qcow2: ImageFile = { path: join(dir, 'a.qcow2'), format: 'qcow2' };
  qemuImg('convert', '-f', 'raw', '-O', 'qcow2', raw.path, qcow2.path);
  const before = await read(qcow2);
  expect(before).toEqual(await read(raw));
  expect(before.runs.length).toBe(128);

  for (const at of [777 * MiB + 12_345, 32 * 16 * MiB + 54_321]) {
    const original = flip(raw.path, at);
    const { runs, sha256 } = await read(raw);
    const flipped = runs.filter(([offset, length]) => offset <= at && offset + length > at);
    expect(flipped).toEqual([[at, 1, `byte:${original ^ 0xff}`]]);
    expect(runs.length).toBe(before.runs.length + 2);
    expect(sha256).not.toBe(before.sha256);
    flip(raw.path, at);
  }
  expect(await read(raw)).toEqual(before);
}, 60_000);

test('an image of 1 TiB costs what it holds', async () => {
  const dir = temporaryDir();
  const raw = written(dir, 2 ** 40, [{ disk: 'src', at: 2 ** 40 - 512, length: 512 }]);
  const content = await read(raw);
  expect(content.runs).toEqual([
    [0, 2 ** 40 - 512, 'zero'],
    [2 ** 40 - 512, 512, 'src:0'],
  ]);
});

test('the SHA-1 of the raw bytes is that of the converted image, and comes only when asked for', async () => {
  const dir = temporaryDir();
  const raw = written(dir, 3 * MiB + 512, [{ disk: 'src', at: MiB, length: 100 }]);
  const path = join(dir, 'a.qcow2');
  qemuImg('convert', '-f', 'raw', '-O', 'qcow2', raw.path, path);
  const plan = { disks, scratchDir: dir };
  const sha1 = createHash('sha1').update(readFileSync(raw.path)).digest('hex');
  expect(await readImage(img, { path, format: 'qcow2' }, { ...plan, rawSha1: true })).toMatchObject({
    rawSha1: sha1,
  });
  expect(await readImage(img, { path, format: 'qcow2' }, plan)).not.toHaveProperty('rawSha1');
});

test('an image that is missing, and one that is none, is unreadable, with the words of qemu-img', async () => {
  const dir = temporaryDir();
  const plan = { disks, scratchDir: dir };
  const missing = await readImage(img, { path: join(dir, 'gone.raw'), format: 'raw' }, plan);
  expect(missing).toMatchObject({ outcome: 'unreadable', text: expect.stringContaining('No such file') });
  writeFileSync(join(dir, 'none.qcow2'), 'no image');
  expect(await readImage(img, { path: join(dir, 'none.qcow2'), format: 'qcow2' }, plan)).toMatchObject({
    outcome: 'unreadable',
  });
});

type Data = { disk: string; at: number; length: number; generation?: number };

function written(dir: string, sizeBytes: number, data: readonly Data[]): ImageFile {
  const path = join(dir, 'written.raw');
  writeFileSync(path, '');
  truncateSync(path, sizeBytes);
  const fd = openSync(path, 'r+');
  for (const { disk, at, length, generation } of data)
    writeSync(fd, contentBytes(disk, at, length, generation), 0, length, at);
  closeSync(fd);
  return { path, format: 'raw' };
}

async function read(image: ImageFile): Promise<ImageContent> {
  const { outcome, ...content } = await readImage(img, image, { disks, scratchDir: temporaryDir() });
  expect(outcome).toBe('read');
  return content as ImageContent;
}

/** What qemu-img makes of the image, read as plain bytes. */
async function truth(image: ImageFile): Promise<ImageContent> {
  const path = join(temporaryDir(), 'plain.raw');
  qemuImg('convert', '-S', '0', '-f', image.format, '-O', 'raw', image.path, path);
  const bytes = readFileSync(path);
  const { sha256 } = await read({ path, format: 'raw' }); // nothing is a hole there
  return { sizeBytes: bytes.length, sha256, runs: originRuns(bytes, 0, disks) };
}

/** Inverts a byte in the file; what it was. */
function flip(path: string, at: number): number {
  const fd = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(fd, byte, 0, 1, at);
  writeSync(fd, Buffer.from([byte.readUInt8() ^ 0xff]), 0, 1, at);
  closeSync(fd);
  return byte.readUInt8();
}

function qemuImg(...args: string[]): void {
  execFileSync('qemu-img', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
