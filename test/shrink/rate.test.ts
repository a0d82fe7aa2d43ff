import { expect, test } from 'vitest';
import { isGood, isMeasured, leastRate, triesFor } from '../../src/shrink/rate.ts';

test.each([
  [{ ok: 3, of: 3 }, 1],
  [{ ok: 9, of: 10 }, 2],
  [{ ok: 5, of: 10 }, 5],
  [{ ok: 5, of: 25 }, 14],
  [{ ok: 1, of: 25 }, 16],
])('a failure seen %o is looked for in %d runs', (count, tries) => {
  expect(triesFor(count)).toBe(tries);
});

test('three hits in a row settle a rate; a miss among them asks for ten runs, and two hits in ten for more', () => {
  expect(isMeasured({ ok: 2, of: 2 }, 'few')).toBe(false);
  expect(isMeasured({ ok: 3, of: 3 }, 'few')).toBe(true);
  expect(isMeasured({ ok: 3, of: 4 }, 'few')).toBe(false);
  expect(isMeasured({ ok: 3, of: 10 }, 'few')).toBe(true);
  expect(isMeasured({ ok: 2, of: 10 }, 'few')).toBe(false);
  expect(isMeasured({ ok: 0, of: 25 }, 'few')).toBe(true);
});

test('in doubt three hits in a row settle nothing', () => {
  expect(isMeasured({ ok: 3, of: 3 }, 'none')).toBe(false);
  expect(isMeasured({ ok: 10, of: 10 }, 'none')).toBe(true);
});

test('while one hit is trusted, one is enough and the tries without one are not', () => {
  expect(isGood({ ok: 1, of: 1 }, { tries: 2 })).toBe(true);
  expect(isGood({ ok: 0, of: 1 }, { tries: 2 })).toBeUndefined();
  expect(isGood({ ok: 0, of: 2 }, { tries: 2 })).toBe(false);
});

test('a candidate that shows it far more rarely is no good, after enough runs to know', () => {
  const demand = { tries: 5, leastRate: leastRate({ ok: 10, of: 10 }) };
  expect(isGood({ ok: 1, of: 1 }, demand)).toBeUndefined();
  expect(isGood({ ok: 3, of: 5 }, demand)).toBe(true);
  expect(isGood({ ok: 1, of: 24 }, demand)).toBeUndefined();
  expect(isGood({ ok: 1, of: 25 }, demand)).toBe(false);
});

test('of a failure that always shows, once a few hits were luck: one miss is enough to leave a candidate', () => {
  expect(isGood({ ok: 7, of: 7 }, { inARow: 8 })).toBeUndefined();
  expect(isGood({ ok: 8, of: 8 }, { inARow: 8 })).toBe(true);
  expect(isGood({ ok: 8, of: 9 }, { inARow: 8 })).toBe(false);
});
