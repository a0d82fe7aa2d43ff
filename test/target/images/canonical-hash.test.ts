import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCanonicalHash } from '../../../src/target/images/canonical-hash.ts';
import { contentBytes } from '../../../src/trace/content-bytes.ts';

const sector = 512;

test('the form is what its description says', () => {
  const mixed = Buffer.from(contentBytes('src', 0, sector));
  mixed[300] = 1;
  const bytes = Buffer.concat([
    Buffer.alloc(3 * sector),
    contentBytes('src', 7 * sector, sector),
    mixed,
    Buffer.alloc(sector),
  ]);
  const form = Buffer.concat([
    Buffer.from('mirrorfuzz content 1 3072\n'),
    words(0, 3, 0),
    words(1),
    contentBytes('src', 7 * sector, 16),
    words(2),
    mixed,
    words(0, 1, 0),
  ]);
  expect(hashOf(bytes)).toBe(createHash('sha256').update(form).digest('hex'));
});

test('a run of zeroes of any length costs nothing, and its length counts', () => {
  const hash = (lengthBytes: number): string => {
    const canonical = openCanonicalHash(2 ** 50);
    canonical.pushZeroes(lengthBytes);
    return canonical.end();
  };
  const form = Buffer.concat([Buffer.from(`mirrorfuzz content 1 ${2 ** 50}\n`), words(0, 0, 2 ** 9)]);
  expect(hash(2 ** 50)).toBe(createHash('sha256').update(form).digest('hex'));
  expect(hash(2 ** 50 - sector)).not.toBe(hash(2 ** 50));
});

test('neither cuts nor holes make a difference, and every byte does', () => {
  const sectors = fc.array(fc.constantFrom('zero', 'stamp', 'mixed', 'byte'), {
    minLength: 1,
    maxLength: 400,
  });
  fc.assert(
    fc.property(sectors, fc.array(fc.nat(400), { maxLength: 5 }), fc.nat(), (kinds, cuts, flipped) => {
      const bytes = Buffer.concat(kinds.map(sectorOf));
      const whole = hashOf(bytes);
      expect(
        hashOf(
          bytes,
          cuts.map((cut) => sector * (cut % (kinds.length + 1))),
        ),
      ).toBe(whole);
      const at = flipped % bytes.length;
      bytes[at] = (bytes[at] as number) ^ 1;
      expect(hashOf(bytes)).not.toBe(whole);
    }),
  );
});

test('the size counts', () => {
  expect(openCanonicalHash(0).end()).not.toBe(openCanonicalHash(sector).end());
});

function sectorOf(kind: string, i: number): Buffer {
  if (kind === 'zero') return Buffer.alloc(sector);
  if (kind === 'byte') return Buffer.alloc(sector, 1 + (i % 255));
  const bytes = contentBytes('src', i * sector, sector);
  return kind === 'stamp' ? bytes : bytes.fill(0, i % sector);
}

/** In pieces; a piece of zeroes is told by its length only. */
function hashOf(bytes: Buffer, cuts: number[] = []): string {
  const canonical = openCanonicalHash(bytes.length);
  let from = 0;
  for (const to of [...cuts, bytes.length].sort((a, b) => a - b)) {
    const piece = bytes.subarray(from, to);
    if (cuts.length > 0 && piece.every((byte) => byte === 0)) canonical.pushZeroes(piece.length);
    else canonical.push(piece);
    from = to;
  }
  return canonical.end();
}

function words(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, i) => void bytes.writeUInt32LE(number, 4 * i));
  return bytes;
}
