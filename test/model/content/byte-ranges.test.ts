import { expect, test } from 'vitest';
import { bytesIn, firstOutside, joined, roundedOut } from '../../../src/model/content/byte-ranges.ts';

const range = (from: number, to: number) => ({ from, to });

test('ranges that touch or overlap become one', () => {
  expect(joined([range(8, 12), range(0, 4), range(4, 6), range(5, 5), range(10, 16)])).toEqual([
    range(0, 6),
    range(8, 16),
  ]);
});

test('every grain that is touched counts as a whole', () => {
  expect(roundedOut([range(7, 9), range(20, 21)], 8)).toEqual([range(0, 24)]);
  expect(bytesIn(roundedOut([range(7, 8)], 8))).toBe(8);
});

test('the first bytes that the other list lacks', () => {
  expect(firstOutside([range(0, 4)], [range(0, 8)])).toBeUndefined();
  expect(firstOutside([range(2, 10)], [range(0, 4), range(6, 8)])).toEqual(range(4, 6));
  expect(firstOutside([range(9, 10)], [range(0, 4)])).toEqual(range(9, 10));
  expect(firstOutside([range(0, 4)], [])).toEqual(range(0, 4));
});
