import type { Property } from '../generate/property.ts';

/**
 * The order in which properties take their turns, over and over: each as often as its share says, and spread evenly.
 * As short as shares in halves allow.
 */
export function turnsOf(properties: readonly Pick<Property, 'name' | 'share'>[]): string[] {
  const halves = properties.map(({ name, share }) => ({
    name,
    weight: Math.max(1, Math.round(share * 2)),
    credit: 0,
  }));
  const divisor = halves.map(({ weight }) => weight).reduce(commonDivisor, 0) || 1;
  const length = halves.reduce((sum, { weight }) => sum + weight, 0) / divisor;
  const total = length * divisor;
  return Array.from({ length }, () => {
    for (const each of halves) each.credit += each.weight;
    const next = halves.reduce((first, each) => (each.credit > first.credit ? each : first));
    next.credit -= total;
    return next.name;
  });
}

/** Those that have every other turn at the begin. */
export const openingOf = (properties: readonly Pick<Property, 'name' | 'opens'>[]): string[] =>
  properties.filter(({ opens }) => opens).map(({ name }) => name);

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));
