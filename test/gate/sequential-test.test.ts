import { describe, expect, test } from 'vitest';
import { limits } from '../../src/gate/limits.ts';
import { addPair, type Conclusion, conclude, noRuns } from '../../src/gate/paired-runs.ts';
import { highestRate, testRate, testWorse } from '../../src/gate/sequential-test.ts';
import { drawFrom } from '../../src/generate/draw.ts';

const trials = 4_000;

/** Of `trials` gates that look at something with these rates, the share that comes to each conclusion. */
function shares(rates: { candidate: number; baseline?: number }, grave: boolean): Record<Conclusion, number> {
  const draw = drawFrom(`error rates ${JSON.stringify(rates)} ${grave}`);
  const counts: Record<Conclusion, number> = { new: 0, worse: 0, same: 0, fluke: 0, open: 0 };
  for (let trial = 0; trial < trials; trial++) {
    let showing = noRuns(rates.baseline !== undefined);
    let conclusion = conclude(showing, { grave });
    while (conclusion === undefined) {
      const candidate = draw.chance(rates.candidate);
      showing = addPair(
        showing,
        candidate,
        rates.baseline === undefined ? undefined : draw.chance(rates.baseline),
      );
      conclusion = conclude(showing, { grave });
    }
    counts[conclusion]++;
  }
  return Object.fromEntries(Object.entries(counts).map(([each, count]) => [each, count / trials])) as Record<
    Conclusion,
    number
  >;
}

/** Three standard errors above what a rate may be. */
const atMost = (rate: number): number => rate + 3 * Math.sqrt((rate * (1 - rate)) / trials);
const wald = { alpha: 0.01 / 0.95, beta: 0.05 / 0.99 };

describe('error rates, by simulation', () => {
  test('what shows in one of fifty runs by accident fails a gate without a baseline once in a hundred times', () => {
    const { new: failed } = shares({ candidate: limits.reproduction.fluke }, false);
    expect(failed).toBeLessThan(atMost(wald.alpha));
    expect(failed).toBeGreaterThan(0);
  });

  test('what shows in three of ten runs is missed once in twenty times at most', () => {
    const { fluke } = shares({ candidate: limits.reproduction.defect }, false);
    expect(fluke).toBeLessThan(atMost(wald.beta));
    expect(fluke).toBeGreaterThan(0);
  });

  test('a crash counts from one of ten runs on, and not at one of five hundred', () => {
    const { fluke, defect } = limits.graveReproduction;
    expect(shares({ candidate: defect }, true).fluke).toBeLessThan(atMost(wald.beta));
    expect(shares({ candidate: fluke }, true).new).toBeLessThan(atMost(wald.alpha));
  });

  test.each([0.05, 0.3, 0.5, 0.8, 1])(
    'a rate of %d on both never means more than one false failure in 200',
    (rate) => {
      for (const grave of [false, true]) {
        const { new: isNew, worse } = shares({ candidate: rate, baseline: rate }, grave);
        expect(isNew + worse).toBeLessThan(atMost(limits.comparison.alpha / (1 - limits.comparison.beta)));
      }
    },
  );

  test('what always shows and never does on the baseline is new, always', () => {
    expect(shares({ candidate: 1, baseline: 0 }, false).new).toBe(1);
    expect(shares({ candidate: 1, baseline: 0 }, true).new).toBe(1);
  });

  test('a half against a tenth, odds of nine, is seen in most cases', () => {
    const { new: isNew, worse } = shares({ candidate: 0.5, baseline: 0.1 }, true);
    expect(isNew + worse).toBeGreaterThan(0.85);
  });
});

test('a failure that shows at once and each time takes two runs', () => {
  expect(testRate(limits.reproduction, { shown: 1, of: 1 })).toBe('open');
  expect(testRate(limits.reproduction, { shown: 2, of: 2 })).toBe('defect');
});

test('pairs in which both show it decide nothing', () => {
  expect(testWorse(limits.comparison, { onlyCandidate: 0, onlyBaseline: 0 })).toBe('open');
  expect(testWorse(limits.comparison, { onlyCandidate: 9, onlyBaseline: 0 })).toBe('worse');
  expect(testWorse(limits.comparison, { onlyCandidate: 0, onlyBaseline: 2 })).toBe('not worse');
});

test('a baseline that shows it in five runs of five ends the comparison', () => {
  let showing = noRuns(true);
  for (let i = 0; i < 5; i++) showing = addPair(showing, true, true);
  expect(conclude(showing, { grave: false })).toBe('same');
});

test('a baseline that can not run it has no say', () => {
  let showing = noRuns(true);
  for (let i = 0; i < 2; i++) showing = addPair(showing, true);
  expect(conclude(showing, { grave: false })).toBe('new');
});

test('the highest likely rate of three of three is 1, of none of ten under a third', () => {
  expect(highestRate({ shown: 3, of: 3 })).toBe(1);
  expect(highestRate({ shown: 0, of: 10 })).toBeCloseTo(0.278, 2);
  expect(highestRate({ shown: 0, of: 0 })).toBe(1);
});
