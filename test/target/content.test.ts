import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentBytes, describeSector } from '../../src/target/content.ts';

const diskName = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,20}$/);

test('every sector of every disk is unlike any other', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(diskName, { minLength: 2, maxLength: 4 }),
      fc.nat(2 ** 31),
      (names, firstSector) => {
        const sectors = names.flatMap((name) => {
          const bytes = contentBytes(name, firstSector * 512, 64 * 512);
          return Array.from({ length: 64 }, (_, i) => bytes.toString('hex', i * 512, (i + 1) * 512));
        });
        expect(new Set(sectors).size).toBe(names.length * 64);
      },
    ),
  );
});

test('any window of the content is that part of the whole', () => {
  fc.assert(
    fc.property(diskName, fc.nat(20_000), fc.nat(20_000), fc.nat(9), (name, offset, length, generation) => {
      const whole = contentBytes(name, 0, 40_000, generation);
      const window = contentBytes(name, offset, length, generation);
      expect(window.equals(whole.subarray(offset, offset + length))).toBe(true);
    }),
  );
});

test('each generation of a sector is unlike any other, and no initial content', () => {
  fc.assert(
    fc.property(diskName, fc.nat(2 ** 31), fc.nat(2 ** 32 - 2), (name, sector, generation) => {
      const bytes = contentBytes(name, sector * 512, 512, generation + 1);
      expect(bytes.equals(contentBytes(name, sector * 512, 512, generation))).toBe(false);
      expect(describeSector(bytes)).toBeUndefined();
    }),
  );
});

test('no sector is zero, be only its first byte within the disk', () => {
  fc.assert(
    fc.property(diskName, fc.nat(2 ** 31), (name, sector) => {
      expect(contentBytes(name, sector * 512, 1)[0]).not.toBe(0);
    }),
  );
});

test('a sector tells which disk and place it comes from', () => {
  expect(describeSector(contentBytes('src', 17 * 512, 512), ['base', 'src'])).toBe(
    'initial content of src, sector 17',
  );
  const far = contentBytes('src', 2 ** 40 - 512, 512);
  expect(describeSector(far, ['src'])).toBe('initial content of src, sector 2147483647');
  expect(describeSector(far, ['dst'])).toMatch(/an unknown disk \(fill id [0-9a-f]{8}\), sector 2147483647/);
});

test('what is no initial content is not described', () => {
  const torn = contentBytes('src', 0, 512);
  torn[300] = (torn[300] ?? 0) ^ 1;
  expect(describeSector(torn)).toBeUndefined();
  expect(describeSector(Buffer.alloc(512))).toBeUndefined();
  expect(describeSector(Buffer.alloc(512, 0x5a))).toBeUndefined();
  expect(describeSector(Buffer.alloc(3, 1))).toBeUndefined();
});
