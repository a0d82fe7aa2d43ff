import type { Sequence } from '../sequence/sequence.ts';
import type { Step } from '../sequence/step.ts';

/** Without what no run looks at: comment, tags, notes, and arguments of which there is none. */
export function undecorated({ comment: _, tags: __, ...sequence }: Sequence): Sequence {
  return { ...sequence, steps: sequence.steps.map(plainStep) };
}

function plainStep({ note: _, ...step }: Step): Step {
  if (!('qmp' in step) || step.args === undefined || Object.keys(step.args).length > 0) return step;
  const { args: _none, ...rest } = step;
  return rest;
}
