import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openOriginReader, originRuns } from '../../../src/target/images/content-runs.ts';
import { bootSector } from '../../../src/trace/boot-sector.ts';
import { contentBytes } from '../../../src/trace/content-bytes.ts';
import type { ContentRun, Origin } from '../../../src/trace/content-run.ts';

const sector = 512;
const disks = ['src', 'base', 'dst'].map((name) => ({ name, seedText: `${name} 7` }));
const seedText = (name: string): string => `${name} 7`;

test('zeroes, initial content, a guest write and a repeated byte are told apart', () => {
  const bytes = Buffer.concat([
    Buffer.alloc(2 * sector),
    contentBytes(seedText('src'), 2 * sector, 3 * sector),
    contentBytes(seedText('src'), 5 * sector, sector, 7),
    Buffer.alloc(sector, 65),
  ]);
  expect(originRuns(bytes, 0, disks)).toEqual([
    [0, 1024, 'zero'],
    [1024, 1536, 'src:0'],
    [2560, 512, 'src:7'],
    [3072, 512, 'byte:65'],
  ]);
});

test('a misplaced sector tells how far it is from its place', () => {
  const early = contentBytes(seedText('src'), 20 * sector, sector, 7);
  expect(originRuns(early, 17 * sector, disks)).toEqual([[17 * sector, sector, 'src:7@-3']]);
  const late = contentBytes(seedText('base'), 0, 4 * sector);
  expect(originRuns(late, 2 ** 40, disks)).toEqual([[2 ** 40, 4 * sector, `base:0@+${2 ** 31}`]]);
});

test('what is nobody’s tells its first 16 bytes', () => {
  const foreign = contentBytes('another', 0, 2 * sector);
  const bytes = Buffer.concat([contentBytes(seedText('src'), 0, sector), foreign]);
  expect(originRuns(bytes, 0, disks)).toEqual([
    [0, sector, 'src:0'],
    [sector, 2 * sector, `unknown:${foreign.toString('hex', 0, 16)}`],
  ]);
});

test('bytes of any value and any number give back what was found, and no two neighbours are alike', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.nat(5000), (bytes, offset) => {
      const runs = originRuns(bytes, offset, disks);
      expectWhole(runs, offset, bytes.length);
      expectAgreement(runs, offset, bytes);
    }),
  );
});

test('content laid out in whole units is told exactly as it was laid out', () => {
  fc.assert(
    fc.property(layouts(16), ({ offset, length, writes }) => {
      const { bytes, origins } = laidOut(offset, length, writes);
      expect(originRuns(bytes, offset, disks)).toEqual(runsOf(origins, offset));
    }),
    { numRuns: 300 },
  );
});

test('content of any layout is told to the byte, by at most one run more for each edge', () => {
  fc.assert(
    fc.property(layouts(1), ({ offset, length, writes }) => {
      const { bytes, origins } = laidOut(offset, length, writes);
      const runs = originRuns(bytes, offset, disks);
      expectWhole(runs, offset, length);
      expectAgreement(runs, offset, bytes);
      const laid = runsOf(origins, offset);
      if (laid.every(([, length]) => length >= 32)) {
        expect(runs.filter(([, , origin]) => origin.startsWith('unknown'))).toEqual([]);
        expect(runs.length).toBeLessThan(2 * laid.length); // half a stamp of each of two disks can be a whole one of a third generation
      }
    }),
    { numRuns: 1000 },
  );
});

test('a flipped byte is told alone, wherever in a stamp it lies', () => {
  fc.assert(
    fc.property(fc.nat(64 * sector - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const bytes = contentBytes(seedText('src'), 0, 64 * sector, 3);
      bytes[at] = (bytes[at] as number) ^ flip;
      const runs = originRuns(bytes, 0, disks, 3);
      const whole = runs.filter(([, , origin]) => origin !== 'src:3');
      // Of the byte that counts the first 256 generations, a few values make an earlier generation's stamp.
      if (at % 16 === 4 && (bytes[at] as number) < 3)
        expect(whole).toEqual([[at - 4, 16, `src:${bytes[at]}`]]);
      else expect(whole).toEqual([[at, 1, bytes[at] === 0 ? 'zero' : `byte:${bytes[at]}`]]);
    }),
    { numRuns: 300 },
  );
});

test('where the content is cut makes no difference', () => {
  const cuts = fc.array(fc.nat(8 * sector), { maxLength: 5 });
  fc.assert(
    fc.property(
      layouts(1),
      cuts,
      fc.uint8Array({ maxLength: 90 }),
      ({ offset, length, writes }, cuts, noise) => {
        const { bytes } = laidOut(offset, length, writes);
        bytes.set(noise.subarray(0, length), 0);
        const reader = openOriginReader(offset, disks);
        const sectorEnd = sector - (offset % sector);
        const ends = [...cuts.map((cut) => sectorEnd + sector * (cut % 8)), length].filter(
          (end) => end <= length,
        );
        let from = 0;
        for (const to of ends.sort((a, b) => a - b)) {
          reader.push(bytes.subarray(from, to));
          from = to;
        }
        expect(reader.end()).toEqual(originRuns(bytes, offset, disks));
      },
    ),
    { numRuns: 300 },
  );
});

test('bytes that begin at any address of memory are read alike', () => {
  const bytes = contentBytes(seedText('src'), 100, 5000);
  for (const skew of [1, 2, 3, 4]) {
    const skewed = new Uint8Array(bytes.length + skew).subarray(skew);
    skewed.set(bytes);
    expect(originRuns(skewed, 100, disks)).toEqual([[100, 5000, 'src:0']]);
  }
});

test('garbage of any length is one unknown run', () => {
  const bytes = Buffer.alloc(3 * 2 ** 20).map((_, i) => 128 + ((i * 7919 + (i >> 9)) % 127));
  const runs = originRuns(bytes, 0, disks);
  expect(runs).toEqual([[0, bytes.length, `unknown:${Buffer.from(bytes).toString('hex', 0, 16)}`]]);
});

test('zeroes that were never read count as those that were', () => {
  const reader = openOriginReader(0, disks);
  reader.pushZeroes(2 ** 40);
  reader.push(new Uint8Array(sector));
  reader.pushZeroes(0);
  expect(reader.end()).toEqual([[0, 2 ** 40 + sector, 'zero']]);
  expect(originRuns(new Uint8Array(0), 0, disks)).toEqual([]);
});

type Write = { at: number; length: number; origin: Origin };

/** Writes over zeroes in a window of some sectors; `grain`: what their ends are multiples of. */
function layouts(grain: number): fc.Arbitrary<{ offset: number; length: number; writes: Write[] }> {
  const origin = fc.oneof(
    { weight: 2, arbitrary: fc.constant<Origin>('zero') },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 255 }).map((value): Origin => `byte:${value}`) },
    {
      weight: 6,
      arbitrary: fc
        .tuple(fc.constantFrom('src', 'base', 'dst'), fc.oneof(fc.nat(9), fc.nat(70_000)))
        .map(([name, generation]): Origin => `${name}:${generation}`),
    },
  );
  const write = fc.record({
    at: fc.nat(4096),
    length: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 2000 })),
    origin,
  });
  return fc
    .record({
      offset: fc.oneof(fc.nat(100_000), fc.constant(2 ** 40 - 2048)),
      length: fc.integer({ min: 1, max: 5000 }),
      writes: fc.array(write, { maxLength: 8 }),
    })
    .map(({ offset, length, writes }) => ({
      offset: offset - (offset % grain),
      length: Math.ceil(length / grain) * grain,
      writes: writes.map((each) => ({
        ...each,
        at: each.at - (each.at % grain),
        length: Math.ceil(each.length / grain) * grain,
      })),
    }));
}

/** The model: each byte's origin, and what its origin says it is. */
function laidOut(
  offset: number,
  length: number,
  writes: readonly Write[],
): { bytes: Buffer; origins: Origin[] } {
  const origins = Array.from({ length }, (): Origin => 'zero');
  for (const { at, length, origin } of writes) origins.fill(origin, at, at + length);
  const bytes = Buffer.alloc(length);
  for (const [at, length, origin] of runsOf(origins, offset))
    bytes.set(written(origin, at, length), at - offset);
  return { bytes, origins };
}

function runsOf(origins: readonly Origin[], offset: number): ContentRun[] {
  const runs: ContentRun[] = [];
  for (const [i, origin] of origins.entries()) {
    const last = runs.at(-1);
    if (last?.[2] === origin) last[1]++;
    else runs.push([offset + i, 1, origin]);
  }
  return runs;
}

/** The bytes that an origin stands for; of an unknown one those that it tells. */
function written(origin: Origin, offset: number, length: number): Buffer {
  const [name = '', value = '', shift] = origin.split(/[:@]/);
  if (name === 'zero') return Buffer.alloc(length);
  if (name === 'byte') return Buffer.alloc(length, Number(value));
  if (name === 'boot') return bootSector.subarray(offset, offset + length); // a byte of it may be any byte
  if (name === 'unknown') return Buffer.from(value, 'hex').subarray(0, length);
  return contentBytes(seedText(name), offset - sector * Number(shift ?? 0), length, Number(value));
}

function expectWhole(runs: readonly ContentRun[], offset: number, length: number): void {
  let end = offset;
  for (const [i, [at, length, origin]] of runs.entries()) {
    expect(at).toBe(end);
    expect(length).toBeGreaterThan(0);
    expect(origin).not.toBe(runs[i - 1]?.[2]);
    end += length;
  }
  expect(end).toBe(offset + length);
}

function expectAgreement(runs: readonly ContentRun[], offset: number, bytes: Uint8Array): void {
  for (const [at, length, origin] of runs) {
    const there = Buffer.from(bytes.subarray(at - offset, at - offset + length));
    const told = written(origin, at, length);
    expect(there.subarray(0, told.length).toString('hex')).toBe(told.toString('hex'));
    expect(told.length).toBe(origin.startsWith('unknown') ? Math.min(16, length) : length);
  }
}
