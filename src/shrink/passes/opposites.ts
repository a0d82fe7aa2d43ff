import { withPart } from '../../qemu/cards.ts';
import type { Step } from '../../sequence/step.ts';
import type { Pass } from '../pass.ts';

/** Two steps of which the second undoes the first: one alone can't go where both can. */
export const opposites: Pass = {
  name: 'opposites',
  sites: ({ steps }) =>
    steps.flatMap((step, first) => {
      const undoneBy = undoing.get(nameOf(step));
      if (undoneBy === undefined) return [];
      const second = steps.findIndex((other, i) => i > first && nameOf(other) === undoneBy);
      return second === -1 ? [] : [[[{ path: ['steps', first] }, { path: ['steps', second] }]]];
    }),
};

/** The spellings of a verb, `job-` and `block-job-`, are one. */
function nameOf(step: Step): string {
  if ('qmp' in step) return step.qmp.replace(/^block-job-/, 'job-');
  return 'fault' in step ? `fault ${step.fault}` : '';
}

const undoing: ReadonlyMap<string, string> = new Map([
  ...withPart('undoneBy'),
  ['fault inject', 'fault lift'],
  ['fault fill', 'fault room'],
  ['fault throttle', 'fault unthrottle'],
  ['fault sigkill', 'fault restart'],
  ['fault sigstop', 'fault sigcont'],
]);
