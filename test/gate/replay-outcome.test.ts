import { expect, test } from 'vitest';
import { addPair, noRuns, type PairedRuns } from '../../src/gate/paired-runs.ts';
import { replayed } from '../../src/gate/replay-outcome.ts';
import type { ShownCount } from '../../src/gate/sequential-test.ts';
import { drawFrom } from '../../src/generate/draw.ts';

function after(candidate: readonly number[], baseline?: readonly number[]): PairedRuns {
  let showing = noRuns(baseline !== undefined);
  for (const [i, shows] of candidate.entries())
    showing = addPair(showing, shows === 1, baseline && baseline[i] === 1);
  return showing;
}

const always: ShownCount = { shown: 3, of: 3 };
const often: ShownCount = { shown: 9, of: 10 };

test('what always shows is known by one pair in which it shows', () => {
  expect(replayed(always, after([1]))).toBe('known');
  expect(replayed(always, after([1], [1]))).toBe('known');
  expect(replayed(always, after([1], [0]))).toBeUndefined();
  expect(replayed({ shown: 2, of: 2 }, after([1]))).toBeUndefined();
});

test('three runs are looked at before anything is said', () => {
  expect(replayed(often, after([1, 1]))).toBeUndefined();
  expect(replayed(often, after([1, 1, 1]))).toBe('known');
  expect(replayed(undefined, after([0, 0]))).toBeUndefined();
  expect(replayed(undefined, after([0, 0, 0]))).toBe('absent');
});

test('what should not show and does is unexpected at once', () => {
  expect(replayed(undefined, after([0, 1]))).toBe('unexpected');
});

test('what always showed is gone after three runs, what showed seldom takes longer', () => {
  expect(replayed(always, after([0, 0, 0]))).toBe('gone');
  expect(replayed({ shown: 4, of: 10 }, after([0, 0, 0]))).toBeUndefined();
  expect(replayed({ shown: 4, of: 10 }, after(Array(10).fill(0)))).toBe('gone');
  expect(replayed({ shown: 1, of: 20 }, after(Array(40).fill(0)))).toBe('seldom');
});

test('a baseline that shows it as often ends the runs; one that shows it less asks for more', () => {
  expect(replayed(always, after([1, 1, 1], [1, 1, 1]))).toBe('known');
  expect(replayed(always, after([1, 1, 1], [0, 0, 1]))).toBeUndefined();
  expect(replayed(always, after(Array(10).fill(1), [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]))).toBe('worse');
});

test('without a baseline the rate of the store is what it is held against', () => {
  expect(replayed({ shown: 0, of: 0 }, after([1, 1, 1]))).toBe('known');
  expect(replayed({ shown: 1, of: 50 }, after([1, 1, 1, 1, 1, 1]))).toBe('worse');
});

test('a finding that shows as often as ever is seldom called fixed or worse', () => {
  const draw = drawFrom('replays');
  const wrong = { gone: 0, worse: 0 };
  const trials = 2_000;
  for (let trial = 0; trial < trials; trial++) {
    let showing = noRuns(true);
    let outcome = replayed({ shown: 4, of: 10 }, showing);
    while (outcome === undefined) {
      showing = addPair(showing, draw.chance(0.4), draw.chance(0.4));
      outcome = replayed({ shown: 4, of: 10 }, showing);
    }
    if (outcome === 'gone' || outcome === 'worse') wrong[outcome]++;
  }
  expect(wrong.gone / trials).toBeLessThan(0.015);
  expect(wrong.worse / trials).toBeLessThan(0.01);
});
