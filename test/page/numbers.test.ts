import { expect, test } from 'vitest';
import { grouped, ms } from '../../src/page/browser/numbers.ts';

test('numbers stand as English has them: thousands apart, no zeroes at the end', () => {
  const numbers = [0, 7, 999, 1000, 12_345, 1_234_567, -1234, 0.5, 1234.5, 2];
  expect(numbers.map((each) => grouped(each, 1))).toEqual(
    numbers.map((each) => each.toLocaleString('en', { maximumFractionDigits: 1 })),
  );
  expect([ms(1234), ms(10_000), ms(12_345_678)]).toEqual(['1.23 ms', '10 ms', '12,345.7 ms']);
});
