import type * as fc from 'fast-check';
import seedrandom from 'seedrandom';
import type { Json } from '../sequence/step.ts';

export type Draw = ReturnType<typeof drawWith>;

/** Choices from a text: the same text draws the same, on any machine. */
export const drawFrom = (seed: string) => drawWith(seedrandom(seed));

/** Choices from fast-check's source of chance, so that its seeds and paths are ours. */
export const drawFromRandom = (random: fc.Random): Draw => drawWith(() => random.nextDouble());

/** `unit` gives numbers from 0 up to, not including, 1. */
function drawWith(unit: () => number) {
  const int = (low: number, high: number): number => low + Math.floor(unit() * (high - low + 1));
  const chance = (p: number): boolean => unit() < p;
  const oneOf = <T>(items: readonly [T, ...T[]]): T => items[int(0, items.length - 1)] as T;
  /** One of a list that may be empty; then nothing is drawn. */
  const anyOf = <T>(items: readonly T[]): T | undefined =>
    items.length === 0 ? undefined : items[int(0, items.length - 1)];
  /** Weights of 0 and less are never drawn; undefined where no other is there. */
  const weighted = <T>(choices: readonly (readonly [weight: number, value: T])[]): T | undefined => {
    const possible = choices.filter(([weight]) => weight > 0);
    const total = possible.reduce((sum, [weight]) => sum + weight, 0);
    let left = unit() * total;
    for (const [weight, value] of possible) {
      left -= weight;
      if (left < 0) return value;
    }
    return possible.at(-1)?.[1];
  };
  /** Members that are there with that probability. */
  const sometimes = (p: number, members: Record<string, Json>): Record<string, Json> =>
    chance(p) ? members : {};
  return { int, chance, oneOf, anyOf, weighted, sometimes };
}
