import { printSequence } from '../sequence/print.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Json } from '../sequence/step.ts';
import { placesIn } from './places.ts';
import { rankOfValue } from './plain-values.ts';

/**
 * Negative where `a` is the simpler one. A total order, so that of all sequences that show a defect one is the
 * smallest: fewer steps, fewer of them that only let time pass, fewer disks, fewer members in the steps, then in the
 * arena, plainer values, less text; among equals, the text itself.
 */
export function bySimplicity(a: Sequence, b: Sequence): number {
  const [ours, theirs] = [weights(a), weights(b)];
  for (const [i, weight] of ours.entries()) {
    const other = theirs[i] ?? 0;
    if (weight !== other) return weight - other;
  }
  const [ourText, theirText] = [printSequence(a), printSequence(b)];
  if (ourText.length !== theirText.length) return ourText.length - theirText.length;
  return ourText === theirText ? 0 : ourText < theirText ? -1 : 1;
}

function weights({ arena, steps, after = [], requires = {}, seed }: Sequence): number[] {
  const inSteps = [...placesIn(steps as Json, [])];
  const around = { arena, requires, after, ...(seed === undefined ? {} : { seed }) };
  const outside = [...placesIn(around as Json, [])];
  return [
    steps.length,
    steps.filter((step) => 'pause' in step).length,
    arena.disks.length + (arena.iothreads?.length ?? 0),
    inSteps.length,
    outside.length,
    [...inSteps, ...outside].reduce((sum, { key, value }) => sum + rankOfValue(key, value), 0),
  ];
}
