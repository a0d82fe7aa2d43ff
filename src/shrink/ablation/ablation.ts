import { isCoherent } from '../../sequence/coherent.ts';
import { printSequence } from '../../sequence/print.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { applied, type SequenceChange } from '../change.ts';
import { arenaAblations } from './in-arena.ts';
import { stepAblations } from './in-steps.ts';

/**
 * One thing left out of a sequence, or made ordinary; `what` says which, in a few words. `steps`: of each step that is
 * left, its index in the whole sequence.
 */
export type Ablation = { what: string; without?: number; sequence: Sequence; steps: readonly number[] };

/** The same before it is made. `without`: the index of the step that is left out, where it is a step. */
export type Proposal = { what: string; without?: number; change: SequenceChange };

/**
 * A sequence with one thing at a time left out, or made ordinary: what does not show the defect without it is part of
 * its cause, the rest the company that it was met in. What makes no sense any more is left out, and what comes twice.
 */
export function ablations(sequence: Sequence): Ablation[] {
  const seen = new Set([printSequence(sequence)]);
  return [...stepAblations(sequence), ...arenaAblations(sequence)].flatMap(({ what, without, change }) => {
    const changed = applied(sequence, change);
    const text = printSequence(changed);
    if (seen.has(text) || !isCoherent(changed)) return [];
    seen.add(text);
    return [
      {
        what,
        ...(without === undefined ? {} : { without }),
        sequence: changed,
        steps: stepsLeft(sequence, change),
      },
    ];
  });
}

function stepsLeft({ steps }: Sequence, change: SequenceChange): number[] {
  const gone = new Set(
    change.flatMap(({ path: [of, step, ...inside], to }) =>
      of === 'steps' && inside.length === 0 && to === undefined ? [step] : [],
    ),
  );
  return steps.map((_, i) => i).filter((i) => !gone.has(i));
}
