import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freshImages } from '../../../src/model/content/images.ts';
import type { Disk } from '../../../src/sequence/arena.ts';
import { checkImage } from '../../../src/target/images/compare.ts';
import { readImage } from '../../../src/target/images/image-content.ts';
import { mapImage } from '../../../src/target/images/image-map.ts';
import { pieces } from '../../../src/target/images/image-pieces.ts';
import { openImageStore } from '../../../src/target/images/image-store.ts';
import { openedBy } from '../../../src/target/images/opened-by.ts';
import type { Program } from '../../../src/target/programs/binary.ts';
import { originBytes } from '../../../src/trace/origin-bytes.ts';
import { temporaryDir } from '../temporary.ts';

const sizeBytes = 262_144 + 512;
const cases: readonly Pick<Disk, 'format' | 'qcow2' | 'zeroes' | 'clusterBytes'>[] = [
  { format: 'luks' },
  { format: 'vmdk' },
  { format: 'vdi' },
  { format: 'qed' },
  { format: 'qcow2', qcow2: { encrypted: true }, clusterBytes: 4096 },
  { format: 'qcow2', qcow2: { dataFile: 'mapped' }, zeroes: [[196_608, 65_536]] },
  { format: 'qcow2', qcow2: { dataFile: 'raw' } },
  { format: 'qcow2', qcow2: { preallocation: 'full' } },
];

test.each(cases)(
  '%o: what is written here is read by QEMU, and what QEMU writes is read here',
  async (more) => {
    const fill = {
      runs: [
        [0, 100],
        [70_000, 66_000],
        [sizeBytes - 512, 512],
      ] as [number, number][],
    };
    const disk: Disk = { name: 'src', sizeBytes, fill, ...more };
    const dir = temporaryDir();
    const image = { path: place(disk, dir), format: disk.format };
    if (disk.format !== 'luks') run('qemu-img', ['check', '-q', ...openedBy(image)]);
    expect(hash(byQemu(image, dir))).toBe(hash(expected(disk)));
    expect(hash(await here(image))).toBe(hash(expected(disk)));

    const { command, patch } = writing(image);
    run('qemu-io', [...command, '-c', 'write -P 7 131000 70000', '-c', 'write -P 9 0 10']);
    const written = await here(image);
    expect(hash(written)).toBe(hash(byQemu(image, dir)));
    expect(hash(written)).toBe(hash(patch(expected(disk))));
  },
);

function writing(image: { path: string; format: Disk['format'] }): {
  command: string[];
  patch(bytes: Buffer): Buffer;
} {
  return {
    command: openedBy(image),
    patch: (bytes) => bytes.fill(7, 131_000, 201_000).fill(9, 0, 10),
  };
}

test('A compressed overlay of an encrypted base is read by qemu-img, with the key', async () => {
  const dir = temporaryDir();
  const store = openImageStore({ dir: temporaryDir() });
  const base = { name: 'base', format: 'luks', sizeBytes: 131_072, fill: 'full', seedText: 'base' } as const;
  store.place(base, dir);
  const backing = { file: 'base.luks', format: 'luks' } as const;
  const fill = { runs: [[0, 600]] as [number, number][] };
  const qcow2 = { compressed: true as const };
  const { path } = store.place({ ...base, name: 'src', format: 'qcow2', fill, qcow2, backing }, dir);
  const image = { path, format: 'qcow2' } as const;
  expect(await checkImage(img, image)).toMatchObject({ outcome: 'holds' });
  const read = await readImage(img, image, { disks: [{ name: 'base', seedText: 'base' }], scratchDir: dir });
  expect(read).toMatchObject({ outcome: 'read', runs: expect.arrayContaining([[65_536, 65_536, 'base:0']]) });
});

test('An encrypted image that no key opens is unreadable', async () => {
  const dir = temporaryDir();
  const path = place({ name: 'src', format: 'luks', sizeBytes: 512 }, dir);
  const bytes = readFileSync(path);
  bytes[120] = (bytes[120] ?? 0) ^ 1; // the digest of the master key
  writeFileSync(path, bytes);
  expect((await mapImage(img, { path, format: 'luks' })).outcome).toBe('unreadable');
});

const img = { argv: ['qemu-img'] } as unknown as Program;

function place(disk: Disk, dir: string): string {
  const { name, format, sizeBytes, fill = 'empty', clusterBytes, zeroes, qcow2 } = disk;
  const spec = {
    ...{ name, format, sizeBytes, fill, seedText: name },
    ...(clusterBytes ? { clusterBytes } : {}),
    ...(zeroes ? { zeroes } : {}),
    ...(qcow2 ? { qcow2 } : {}),
  };
  return openImageStore({ dir: temporaryDir() }).place(spec, dir).path;
}

function expected(disk: Disk): Buffer {
  const sequence = { schema: 1, title: 'x', arena: { disks: [disk] }, steps: [] } as const;
  const initial = freshImages(sequence as never).get(`src.${disk.format}`)?.initial ?? [];
  return Buffer.concat(
    initial.map(({ from, to, origins }) => {
      const [origin = 'zero'] = origins === 'any' ? [] : [...origins];
      return originBytes(origin, from, to - from, undefined) ?? Buffer.alloc(0);
    }),
  );
}

async function here(image: { path: string; format: Disk['format'] }): Promise<Buffer> {
  const map = await mapImage({ argv: ['/nowhere'] } as unknown as Program, image);
  if (map.outcome !== 'mapped') throw new Error(JSON.stringify(map));
  const read: Buffer[] = [];
  // The buffer of a piece is used again.
  for (const piece of pieces(map.sizeBytes, map.extents))
    read.push('bytes' in piece ? Buffer.from(piece.bytes) : Buffer.alloc(piece.zeroes));
  return Buffer.concat(read);
}

function byQemu(image: { path: string; format: Disk['format'] }, dir: string): Buffer {
  const copy = join(dir, 'copy.raw');
  run('qemu-img', ['convert', '-O', 'raw', ...openedBy(image), copy]);
  return readFileSync(copy);
}

/** In the image's directory: a data file is named without one. */
const run = (program: string, args: string[]): void =>
  void execFileSync(program, args, { cwd: join(args.join(' ').match(/\/[^ ,]+\//)?.[0] ?? '/') });

const hash = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex');
