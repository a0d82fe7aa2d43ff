import { expect, test } from 'vitest';
import { openHistory } from '../../../src/report/live/history.ts';

const point = (second: number) => ({
  ...{ atMs: second * 1000, sequences: second * 7, features: second, findings: 0 },
});

test('a curve of a day has no more points than asked for, evenly, from its first to its last', () => {
  const history = openHistory(240, 1000);
  for (let second = 0; second <= 86_401; second++) history.add(point(second));
  const points = history.points();
  expect(points.length).toBeGreaterThan(100);
  expect(points.length).toBeLessThanOrEqual(240);
  expect(points[0]).toEqual(point(0));
  expect(points.at(-1)).toEqual(point(86_401));
  const steps = points.slice(1, -1).map(({ atMs }, i) => atMs - (points[i]?.atMs ?? 0));
  expect(new Set(steps).size).toBe(1);
});

test('of a second only the last point counts', () => {
  const history = openHistory(240, 1000);
  for (const second of [0, 0.2, 0.4, 0.6]) history.add(point(second));
  expect(history.points()).toEqual([point(0), point(0.6)]);
});
