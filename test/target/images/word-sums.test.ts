import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openWordSums } from '../../../src/target/images/word-sums.ts';

const sector = 512;
const sectors = fc
  .uint8Array({ minLength: 1, maxLength: 8 })
  .map((bytes) => Buffer.concat([...bytes].map((byte, i) => Buffer.alloc(sector, Buffer.of(byte, i, 7)))));

function sumsOf(bytes: Buffer, lengthBytes = bytes.length): string {
  const sums = openWordSums(lengthBytes);
  sums.push(bytes);
  return sums.end();
}

test('the sums are those of the words, and of the first sum after each word', () => {
  const bytes = Buffer.alloc(sector);
  bytes.writeUInt32LE(0xffffffff, 0);
  bytes.writeUInt32LE(3, 508);
  const both = Buffer.alloc(8);
  both.writeUInt32LE(2, 0);
  both.writeInt32LE(-127 + 2, 4);
  expect(sumsOf(bytes)).toBe(both.toString('hex'));
});

test('zeroes count the same, pushed as bytes or by their number', () => {
  fc.assert(
    fc.property(sectors, fc.nat(20), sectors, (before, zeroes, after) => {
      const sums = openWordSums(2 ** 20);
      sums.push(before);
      sums.pushZeroes(zeroes * sector);
      sums.push(after);
      expect(sums.end()).toBe(sumsOf(Buffer.concat([before, Buffer.alloc(zeroes * sector), after])));
    }),
  );
});

test('what lies behind the length does not count', () => {
  fc.assert(
    fc.property(sectors, sectors, (counted, more) => {
      expect(sumsOf(Buffer.concat([counted, more]), counted.length)).toBe(sumsOf(counted));
    }),
  );
});

test('two sectors that have changed places have another sum', () => {
  const [one, other] = [Buffer.alloc(sector, 'one!'), Buffer.alloc(sector, 'two!')];
  expect(sumsOf(Buffer.concat([one, other]))).not.toBe(sumsOf(Buffer.concat([other, one])));
});
