import type { Step } from '../../sequence/step.ts';
import type { Pass } from '../pass.ts';

/** What goes on around the commands, the last first: guest I/O, faults, bytes, pauses, and commands that only ask. */
export const workload: Pass = {
  name: 'workload',
  sites: ({ steps }) =>
    steps.flatMap((step, i) => (isAround(step) ? [[[{ path: ['steps', i] }]]] : [])).reverse(),
};

const isAround = (step: Step): boolean =>
  'guest' in step ||
  'fault' in step ||
  'raw' in step ||
  'pause' in step ||
  ('qmp' in step && /^query-/.test(step.qmp));
