import { expect, test } from 'vitest';
import { turnsOf } from '../../src/campaign/turns.ts';

const shares = (given: Record<string, number>) =>
  Object.entries(given).map(([name, share]) => ({ name, share }));

test('properties of one share take turns one after the other', () => {
  expect(turnsOf(shares({ a: 1, b: 1, c: 1 }))).toEqual(['a', 'b', 'c']);
  expect(turnsOf(shares({ a: 2, b: 2 }))).toEqual(['a', 'b']);
  expect(turnsOf(shares({ a: 0.5 }))).toEqual(['a']);
});

test('each has as many turns as its share says, spread evenly', () => {
  const turns = turnsOf(shares({ costly: 0.5, usual: 1, useful: 2 }));
  expect(turns).toHaveLength(7);
  for (const [name, times] of Object.entries({ costly: 1, usual: 2, useful: 4 }))
    expect(turns.filter((each) => each === name)).toHaveLength(times);
  // No other one waits for two turns of the most frequent one in a row, but at the seam.
  expect(turns.join(' ')).toBe('useful usual useful costly useful usual useful');
});
