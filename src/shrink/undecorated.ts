import type { Sequence } from '../sequence/sequence.ts';

/** Without what no run looks at: comment, tags, notes. */
export function undecorated({ comment: _, tags: __, ...sequence }: Sequence): Sequence {
  return { ...sequence, steps: sequence.steps.map(({ note: _, ...step }) => step) };
}
