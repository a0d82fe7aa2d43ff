import type { Json, Step } from '../../sequence/step.ts';
import { limits } from '../limits.ts';
import type { Pass } from '../pass.ts';

/**
 * What showed the failure after the steps becomes a step: QEMU's end by itself, else the commands by which jobs were ended
 * and the arena was taken apart, the one at which it showed alone, or all up to it.
 */
export const closing: Pass = {
  name: 'what comes after the steps',
  sites({ steps }, { closing: commands = [] }) {
    const last = commands.at(-1);
    if (!last) return [];
    const end = steps.length;
    const appended = (added: readonly Step[]) =>
      added.map((to, i) => ({ path: ['steps', end + i], to: to as Json }));
    const exit: Step = { await: 'exit', deadlineMs: limits.awaitDeadlineMs };
    return [[appended([exit]), appended([last]), appended(commands)]];
  },
};
