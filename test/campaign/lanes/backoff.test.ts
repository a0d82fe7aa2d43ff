import { expect, test } from 'vitest';
import { openBackoff } from '../../../src/campaign/lanes/backoff.ts';
import { limits } from '../../../src/campaign/limits.ts';

test('a worker that lived for long is replaced at once; each short life doubles the pause, up to a limit', () => {
  let now = 0;
  const backoff = openBackoff(() => now);
  const lives = (ms: number): number => {
    backoff.started();
    now += ms;
    return backoff.died();
  };
  expect(lives(limits.longLifeMs)).toBe(0);
  expect([lives(10), lives(10), lives(10)]).toEqual([250, 500, 1000]);
  expect(Array.from({ length: 20 }, () => lives(10)).at(-1)).toBe(limits.restartPauseMaxMs);
  expect(lives(limits.longLifeMs)).toBe(0);
  expect(lives(10)).toBe(250);
});
