import type { Json, Step } from '../../sequence/step.ts';
import type { Pass } from '../pass.ts';
import { awaitsReady, completes } from './doubts.ts';

/** A job is completed when it is ready: without waiting for that it depends on the machine whether the command is taken. */
export const awaited: Pass = {
  name: 'waiting for READY',
  sites: ({ steps }) =>
    steps.flatMap((step, i) => {
      if (!completes(step) || steps.slice(0, i).some(awaitsReady)) return [];
      const ready: Step = { await: 'READY', job: '#0' };
      return [[[ready, ...steps.slice(i)].map((to, at) => ({ path: ['steps', i + at], to: to as Json }))]];
    }),
};
