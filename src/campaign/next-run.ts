import type { Draw } from '../generate/draw.ts';
import type { Interesting } from './interesting.ts';
import { limits } from './limits.ts';
import type { RunTask } from './worker-messages.ts';

/**
 * The campaign's sequence number `index`. Its program, its property and the seed of all its choices follow from the
 * number alone, so that the same seed and options give the same fresh sequences on any machine. Whether it varies an
 * earlier one instead, and which, depends on what QEMU showed.
 */
export function nextRun(
  index: number,
  plan: { seed: string; programs: readonly unknown[]; properties: readonly string[] },
  interesting: Interesting | undefined,
  choices: Draw,
): RunTask {
  const round = Math.floor(index / plan.programs.length);
  const parents = choices.chance(limits.mutantShare) ? interesting?.parents(choices) : undefined;
  return {
    kind: 'run',
    index,
    program: index % plan.programs.length,
    property: plan.properties[round % plan.properties.length] as string,
    seed: `${plan.seed} ${index}`,
    origin: parents ? { from: 'parents', parents } : { from: 'property' },
  };
}
