import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawFrom } from '../../src/generate/draw.ts';

test('the same text draws the same', () => {
  fc.assert(
    fc.property(fc.string(), (seed) => {
      const [a, b] = [drawFrom(seed), drawFrom(seed)];
      expect([a.int(0, 99), a.chance(0.5), a.oneOf([1, 2, 3])]).toEqual([
        b.int(0, 99),
        b.chance(0.5),
        b.oneOf([1, 2, 3]),
      ]);
    }),
  );
});

test('a choice without weight is never drawn, and of none nothing', () => {
  const draw = drawFrom('weights');
  const drawn = Array.from({ length: 200 }, () =>
    draw.weighted([
      [0, 'never'],
      [1, 'rarely'],
      [20, 'mostly'],
      [-1, 'never'],
    ]),
  );
  expect(new Set(drawn)).toEqual(new Set(['rarely', 'mostly']));
  expect(drawn.filter((each) => each === 'mostly').length).toBeGreaterThan(150);
  expect(draw.weighted([[0, 'never']])).toBeUndefined();
  expect(draw.anyOf([])).toBeUndefined();
});
