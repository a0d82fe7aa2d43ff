import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocatedRuns, type ByteRun, contentRuns } from '../../src/sequence/fill.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
const diskName = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,20}$/);
const sizeBytes = fc.oneof(fc.nat(3 * MiB), fc.nat(2 ** 40));
const fill = fc.oneof(
  fc.constantFrom('empty' as const, 'seeded' as const, 'full' as const),
  fc.record({ runs: fc.array(fc.tuple(fc.nat(4 * MiB), fc.nat(MiB)), { maxLength: 6 }) }),
);
const ends = (runs: readonly ByteRun[]) => runs.map(([offset, length]) => offset + length);

test('runs are sorted, apart from each other, within the disk, and whole sectors', () => {
  fc.assert(
    fc.property(fill, sizeBytes, diskName, (fill, size, name) => {
      const runs = contentRuns(fill, size, name);
      runs.forEach(([offset, length], i) => {
        expect(length).toBeGreaterThan(0);
        expect(offset % 512).toBe(0);
        expect((offset + length) % 512 === 0 || offset + length === size).toBe(true);
        expect(offset).toBeGreaterThan(ends(runs)[i - 1] ?? -1);
        expect(offset + length).toBeLessThanOrEqual(size);
      });
    }),
  );
});

test('a seeded disk holds its first and its last byte, and at most 4 MiB', () => {
  fc.assert(
    fc.property(
      sizeBytes.filter((size) => size > 0),
      diskName,
      (size, name) => {
        const runs = contentRuns('seeded', size, name);
        expect(runs[0]?.[0]).toBe(0);
        expect(ends(runs).at(-1)).toBe(size);
        expect(runs.reduce((sum, [, length]) => sum + length, 0)).toBeLessThanOrEqual(4 * MiB);
      },
    ),
  );
});

test('a seeded disk of 1 MiB holds a quarter, the same at each call, another for another name', () => {
  const runs = contentRuns('seeded', MiB, 'src');
  expect(runs.reduce((sum, [, length]) => sum + length, 0)).toBe(256 * KiB);
  expect(contentRuns('seeded', MiB, 'src')).toEqual(runs);
  expect(contentRuns('seeded', GiB, 'dst')).not.toEqual(contentRuns('seeded', GiB, 'src'));
});

test('given runs are widened to sectors, merged, and clipped to the disk', () => {
  const given: ByteRun[] = [
    [5000, 10],
    [100, 1],
    [200, 500],
    [2000, 1e6],
    [1e7, 5],
  ];
  expect(contentRuns({ runs: given }, 9001, 'src')).toEqual([
    [0, 1024],
    [1536, 9001 - 1536],
  ]);
});

test('an empty disk, and one of no size, hold nothing; a full one all', () => {
  expect(contentRuns('empty', MiB, 'src')).toEqual([]);
  expect(contentRuns('seeded', 0, 'src')).toEqual([]);
  expect(contentRuns('full', 0, 'src')).toEqual([]);
  expect(contentRuns('full', 513, 'src')).toEqual([[0, 513]]);
});

test('what is allocated is the runs in whole clusters', () => {
  expect(
    allocatedRuns(
      [
        [65536, 65536],
        [400_000, 512],
      ],
      MiB,
      131072,
    ),
  ).toEqual([
    [0, 131072],
    [393216, 131072],
  ]);
  expect(allocatedRuns([[0, 1]], 1, 65536)).toEqual([[0, 1]]);
});
