import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freshImages } from '../../../src/model/content/images.ts';
import type { Disk } from '../../../src/sequence/arena.ts';
import { openImageStore } from '../../../src/target/images/image-store.ts';
import { originBytes } from '../../../src/trace/origin-bytes.ts';
import { temporaryDir } from '../temporary.ts';

const base: Disk = { name: 'base', format: 'raw', sizeBytes: 327_680, fill: 'full' };
const src: Disk = {
  name: 'src',
  format: 'qcow2',
  sizeBytes: 524_288,
  fill: {
    runs: [
      [70_000, 1_000],
      [200_000, 100],
    ],
  },
};

/** What of src is not like any other image; over base unless it says otherwise. */
const cases: readonly (Partial<Disk> & { alone?: boolean })[] = [
  { zeroes: [[131_072, 65_536]] },
  { zeroes: [[0, 524_288]], clusterBytes: 4096 },
  {
    zeroes: [
      [0, 65_536],
      [458_752, 65_536],
    ],
    qcow2: { extendedL2: true },
  },
  { zeroes: [[0, 524_288]], qcow2: { extendedL2: true } },
  { zeroes: [[0, 524_288]], qcow2: { extendedL2: true }, clusterBytes: 2 ** 21 },
  { zeroes: [[0, 524_288]], qcow2: { extendedL2: true, compressed: true }, clusterBytes: 16_384 },
  { qcow2: { extendedL2: true, compressed: true }, clusterBytes: 16_384 },
  { qcow2: { compressed: true } },
  { qcow2: { compressed: true, snapshots: 2 }, clusterBytes: 2 ** 21 },
  { qcow2: { snapshots: 3 }, zeroes: [[0, 65_536]] },
  { qcow2: { snapshots: 1 }, clusterBytes: 512 },
  { qcow2: { preallocation: 'metadata' }, alone: true },
  { qcow2: { preallocation: 'falloc' }, alone: true },
  { qcow2: { preallocation: 'metadata', extendedL2: true }, alone: true },
];

test.each(cases)('%o is whole to qemu-img, and holds what the model says', ({ alone, ...more }) => {
  const disk: Disk = { ...src, ...more, ...(alone ? {} : { backing: 'base' }) };
  const disks = alone ? [disk] : [base, disk];
  const store = openImageStore({ dir: temporaryDir() });
  const dir = temporaryDir();
  for (const { name, format, sizeBytes, fill = 'empty', clusterBytes, backing, zeroes, qcow2 } of disks)
    store.place(
      {
        name,
        format,
        sizeBytes,
        fill,
        seedText: name,
        ...(clusterBytes ? { clusterBytes } : {}),
        ...(backing ? { backing: { file: 'base.raw', format: 'raw' } } : {}),
        ...(zeroes ? { zeroes } : {}),
        ...(qcow2 ? { qcow2 } : {}),
      },
      dir,
    );
  const path = join(dir, 'src.qcow2');
  execFileSync('qemu-img', ['check', '-q', path]);
  execFileSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', path, `${path}.read`]);
  const read = readFileSync(`${path}.read`);

  const sequence = { schema: 1, title: 'x', arena: { disks }, steps: [] } as const;
  const initial = freshImages(sequence as never).get('src.qcow2')?.initial ?? [];
  expect(initial.at(-1)?.to).toBe(read.length);
  const wrong = initial.filter(({ from, to, origins }) => {
    const [origin = 'zero'] = origins === 'any' ? [] : [...origins];
    return !originBytes(origin, from, to - from, undefined)?.equals(read.subarray(from, to));
  });
  expect(wrong).toEqual([]);
});
