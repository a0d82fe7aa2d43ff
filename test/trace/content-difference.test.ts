import { expect, test } from 'vitest';
import { contentDifferences } from '../../src/trace/content-difference.ts';
import type { ContentRun } from '../../src/trace/content-run.ts';

const between = (here: ContentRun[], there: ContentRun[]) => contentDifferences(here, there).toArray();

test('equal contents do not differ', () => {
  expect(between([[0, 512, 'zero']], [[0, 512, 'zero']])).toEqual([]);
  expect(between([], [])).toEqual([]);
});

test('a stretch that differs is cut where either side changes', () => {
  const here: ContentRun[] = [
    [0, 1000, 'src:0'],
    [1000, 1000, 'zero'],
  ];
  const there: ContentRun[] = [
    [0, 500, 'src:0'],
    [500, 1500, 'src:7'],
  ];
  expect(between(here, there)).toEqual([
    { offsetBytes: 500, lengthBytes: 500, here: 'src:0', there: 'src:7' },
    { offsetBytes: 1000, lengthBytes: 1000, here: 'zero', there: 'src:7' },
  ]);
});

test('where one is longer, the other holds none of it', () => {
  expect(between([[0, 512, 'zero']], [[0, 1024, 'zero']])).toEqual([
    { offsetBytes: 512, lengthBytes: 512, here: 'none', there: 'zero' },
  ]);
});
