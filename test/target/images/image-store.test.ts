import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import type { Fill } from '../../../src/sequence/arena.ts';
import { allocatedRuns, type ByteRun, contentRuns } from '../../../src/sequence/fill.ts';
import { type ImageSpec, openImageStore } from '../../../src/target/images/image-store.ts';
import { limits } from '../../../src/target/limits.ts';
import { contentBytes } from '../../../src/trace/content-bytes.ts';
import { temporaryDir } from '../temporary.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
test.each([0, 1, 511, 513, 65537, MiB + 512])(
  'raw of %i bytes is placed with its content, at its exact size',
  async (size) => {
    for (const fill of ['empty', 'seeded', 'full'] as const) {
      const { path } = await placed(rawDisk({ sizeBytes: size, fill }));
      expect(readFileSync(path).equals(expectedContent({ sizeBytes: size, fill }))).toBe(true);
    }
  },
);

test.each([0, 1, 511, 513, 65537, MiB + 512])(
  'qcow2 of %i bytes reads as its content, its size rounded up to 512',
  async (size) => {
    for (const fill of ['empty', 'seeded', 'full'] as const) {
      for (const clusterBytes of [512, 65536, 2 * MiB]) {
        const { path } = await placed(qcow2Disk({ sizeBytes: size, fill, clusterBytes }));
        const read = readGuest(path, 'qcow2');
        expect(read.length).toBe(Math.ceil(size / 512) * 512);
        expect(read.subarray(0, size).equals(expectedContent({ sizeBytes: size, fill }))).toBe(true);
        expect(read.subarray(size).every((byte) => byte === 0)).toBe(true);
      }
    }
  },
);

test.each(['raw', 'qcow2'] as const)(
  'a seeded %s disk of 1 GiB stays sparse and holds its content',
  async (format) => {
    const size = 1024 * MiB;
    const { path } = await placed({ ...rawDisk({ sizeBytes: size, fill: 'seeded' }), format });
    expect(statSync(path).blocks * 512).toBeLessThan(8 * MiB);
    for (const [offset, length] of contentRuns('seeded', size, 'src')) {
      const read = readGuest(path, format, offset, length);
      expect(read.equals(contentBytes('src', offset, length))).toBe(true);
    }
    expect(dataRuns(path, format)).toEqual(contentRuns('seeded', size, 'src'));
  },
);

test('an image larger than a template kept in memory is placed whole', async () => {
  const sizeBytes = limits.templateInMemoryBytes + MiB + 513;
  for (const format of ['raw', 'qcow2'] as const) {
    const { path } = await placed({ ...rawDisk({ sizeBytes, fill: 'full' }), format });
    expect(
      readGuest(path, format)
        .subarray(0, sizeBytes)
        .equals(contentBytes('src', 0, sizeBytes)),
    ).toBe(true);
  }
});

test('a chain of three reads through its overlays, also after it is moved', async () => {
  const store = openStore();
  const dir = temporaryDir();
  const chain: ImageSpec[] = [
    { name: 'base', format: 'raw', sizeBytes: 300_000, fill: 'full', seedText: 'base' },
    {
      ...qcow2Disk({ sizeBytes: MiB }),
      name: 'mid',
      seedText: 'mid',
      backing: { file: 'base.raw', format: 'raw' },
    },
    {
      ...qcow2Disk({ sizeBytes: MiB, fill: { runs: [[512, 512]] }, clusterBytes: 512 }),
      name: 'top',
      seedText: 'top',
      backing: { file: 'mid.qcow2', format: 'qcow2' },
    },
  ];
  for (const spec of chain) store.place(spec, dir);

  const expected = Buffer.alloc(MiB);
  contentBytes('base', 0, 300_000).copy(expected);
  for (const [offset, length] of contentRuns('seeded', MiB, 'mid'))
    contentBytes('mid', offset, length).copy(expected, offset);
  contentBytes('top', 512, 512).copy(expected, 512);
  expect(readGuest(join(dir, 'top.qcow2'), 'qcow2').equals(expected)).toBe(true);
});

test('an overlay hides of its backing file exactly the clusters that its runs touch', async () => {
  const runs = fc.array(fc.tuple(fc.nat(MiB), fc.integer({ min: 1, max: 5000 })), {
    minLength: 1,
    maxLength: 5,
  });
  const clusterSize = fc.constantFrom(512, 4096, 65536, 2 * MiB);
  await fc.assert(
    fc.asyncProperty(runs, clusterSize, fc.nat(MiB + 700), async (runs, clusterBytes, sizeBytes) => {
      const fill = { runs };
      const store = openStore();
      const dir = temporaryDir();
      const base: ImageSpec = { name: 'base', format: 'raw', sizeBytes, fill: 'full', seedText: 'base' };
      const top: ImageSpec = {
        ...qcow2Disk({ sizeBytes, fill, clusterBytes }),
        backing: { file: 'base.raw', format: 'raw' },
      };
      for (const spec of [base, top]) store.place(spec, dir);

      const expected = contentBytes('base', 0, sizeBytes);
      const own = contentRuns(fill, sizeBytes, 'src');
      for (const [offset, length] of allocatedRuns(own, sizeBytes, clusterBytes))
        expected.fill(0, offset, offset + length);
      for (const [offset, length] of own) contentBytes('src', offset, length).copy(expected, offset);
      expect(readGuest(join(dir, 'src.qcow2'), 'qcow2').subarray(0, sizeBytes).equals(expected)).toBe(true);
    }),
    { numRuns: 25 },
  );
});

test('placed images are sound to qemu-img check', async () => {
  for (const clusterBytes of [512, 65536, 2 * MiB]) {
    const { path } = await placed(qcow2Disk({ sizeBytes: MiB, clusterBytes }));
    const report = execFileSync('qemu-img', ['check', '-f', 'qcow2', path], { encoding: 'utf8' });
    expect(report).toContain('No errors were found');
  }
});

test('two placings of one disk are the same bytes in independent files', async () => {
  const spec = qcow2Disk({ sizeBytes: MiB });
  const store = openStore();
  const first = store.place(spec, temporaryDir()).path;
  const asPlaced = readFileSync(first);
  const second = store.place(spec, temporaryDir()).path;
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -P 0x5a 0 1M', first]);
  expect(readFileSync(second).equals(asPlaced)).toBe(true);
  expect(store.place(spec, temporaryDir()).path).not.toBe(first);
  expect(readFileSync(first).equals(asPlaced)).toBe(false);
});

test('disks that differ only in name have files of their own', () => {
  const store = openStore();
  const spec = qcow2Disk({ sizeBytes: MiB, fill: 'empty' });
  const dir = temporaryDir();
  store.place(spec, dir);
  store.place({ ...spec, name: 'dst', seedText: 'dst' }, dir);
  expect(readdirSync(dir).sort()).toEqual(['dst.qcow2', 'src.qcow2']);
});

test('templates kept as files go when they have not been used for long', async () => {
  const dir = temporaryDir();
  const store = openImageStore({ dir });
  const into = temporaryDir();
  for (let i = 0; i < 12; i++) {
    const spec = {
      ...rawDisk({ sizeBytes: limits.templateInMemoryBytes + 512, fill: 'full' as const }),
      seedText: `disk${i}`,
    };
    rmSync(store.place(spec, into).path);
  }
  const heldBytes = readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
  expect(heldBytes).toBeGreaterThan(0);
  expect(heldBytes).toBeLessThanOrEqual(limits.templatesBytesMax);
});

test('placing replaces a file or link of that name, not what the link points to', async () => {
  const dir = temporaryDir();
  writeFileSync(join(dir, 'other'), 'precious');
  symlinkSync('other', join(dir, 'src.raw'));
  const store = openStore();
  const spec = rawDisk({ sizeBytes: 513, fill: 'full' });
  store.place(spec, dir);
  expect(readFileSync(join(dir, 'other'), 'utf8')).toBe('precious');
  expect(readFileSync(join(dir, 'src.raw')).equals(contentBytes('src', 0, 513))).toBe(true);
});

test('a raw disk with a backing file is a usage error', async () => {
  const spec: ImageSpec = { ...rawDisk({ sizeBytes: MiB }), backing: { file: 'base.raw', format: 'raw' } };
  expect(() => openStore().place(spec, temporaryDir())).toThrow(UsageError);
});

test('content that cannot fit is refused before anything is written', async () => {
  const huge = (): unknown =>
    openStore().place(rawDisk({ sizeBytes: 2 ** 50, fill: 'full' }), temporaryDir());
  expect(huge).toThrow(/temporary filesystem full: .* while making disk src of 1125899906842624 bytes/);
});

function openStore() {
  return openImageStore({ dir: temporaryDir() });
}

async function placed(spec: ImageSpec): Promise<{ path: string }> {
  const store = openStore();
  const dir = join(temporaryDir(), 'run');
  mkdirSync(dir);
  return store.place(spec, dir);
}

function rawDisk(wanted: { sizeBytes: number; fill?: Fill }): ImageSpec {
  return { name: 'src', format: 'raw', fill: 'seeded', seedText: 'src', ...wanted };
}

function qcow2Disk(wanted: { sizeBytes: number; fill?: Fill; clusterBytes?: number }): ImageSpec {
  return { ...rawDisk(wanted), format: 'qcow2', ...wanted };
}

function expectedContent({ sizeBytes, fill }: { sizeBytes: number; fill: Fill }): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (const [offset, length] of contentRuns(fill, sizeBytes, 'src'))
    contentBytes('src', offset, length).copy(bytes, offset);
  return bytes;
}

/** What a guest reads, through `qemu-img convert -O raw`, all or a part. */
function readGuest(path: string, format: string, offset = 0, length?: number): Buffer {
  const out = `${path}.read`;
  if (length === undefined) execFileSync('qemu-img', ['convert', '-f', format, '-O', 'raw', path, out]);
  else {
    const part = {
      driver: 'raw',
      offset,
      size: length,
      file: { driver: format, file: { driver: 'file', filename: path } },
    };
    execFileSync('qemu-img', ['convert', '-O', 'raw', `json:${JSON.stringify(part)}`, out]);
  }
  const bytes = readFileSync(out);
  rmSync(out);
  return bytes;
}

/** Where the image holds data, as `qemu-img map` tells. */
function dataRuns(path: string, format: string): ByteRun[] {
  const map = JSON.parse(
    execFileSync('qemu-img', ['map', '-f', format, '--output=json', path], { encoding: 'utf8' }),
  );
  const runs: ByteRun[] = [];
  for (const { start, length, data } of map as { start: number; length: number; data: boolean }[]) {
    if (!data) continue;
    const last = runs.at(-1);
    if (last && last[0] + last[1] === start) last[1] += length;
    else runs.push([start, length]);
  }
  return runs;
}
