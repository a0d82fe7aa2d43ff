import { expect, test } from 'vitest';
import { rateOf } from '../../src/page/rate.ts';

const point = (atMs: number, features: number) => ({ atMs, features, sequences: 0, findings: 0 });

test('what is new a minute is counted from one point to the next', () => {
  expect(rateOf([point(30_000, 10), point(90_000, 12)], 'features', 60_000)).toEqual([
    { fromMs: 0, toMs: 30_000, value: 20 },
    { fromMs: 30_000, toMs: 90_000, value: 2 },
  ]);
});

test('of two points that are a moment apart no rate is made: they count with the span before', () => {
  const spans = rateOf([point(5000, 10), point(10_000, 12), point(10_002, 13)], 'features', 1000);
  expect(spans.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
    [0, 5000],
    [5000, 10_002],
  ]);
  expect(spans[1]?.value).toBeCloseTo(0.6, 3);
  expect(rateOf([], 'features', 1000)).toEqual([]);
});
