import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentBytes } from '../../src/trace/content-bytes.ts';

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

test('each generation of a sector is unlike any other', () => {
  fc.assert(
    fc.property(diskName, fc.nat(2 ** 31), fc.nat(2 ** 32 - 2), (name, sector, generation) => {
      const bytes = contentBytes(name, sector * 512, 512, generation + 1);
      expect(bytes.equals(contentBytes(name, sector * 512, 512, generation))).toBe(false);
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
