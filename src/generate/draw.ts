import seedrandom from 'seedrandom';
import type { Json } from '../sequence/step.ts';

export type Draw = ReturnType<typeof drawFrom>;

/** Choices from a seed: the same seed draws the same, on any machine. */
export function drawFrom(seed: string) {
  const random = seedrandom(seed);
  const int = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  const chance = (p: number): boolean => random() < p;
  const oneOf = <T>(items: readonly [T, ...T[]]): T => items[int(0, items.length - 1)] as T;
  /** Members that are there with that probability. */
  const sometimes = (p: number, members: Record<string, Json>): Record<string, Json> =>
    chance(p) ? members : {};
  return { int, chance, oneOf, sometimes };
}
