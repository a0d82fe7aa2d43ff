import type { Json } from '../../sequence/step.ts';
import type { Pass } from '../pass.ts';

/** A step that stands for commands becomes those commands, as a run has sent them. */
export const lowered: Pass = {
  name: 'faults as commands',
  sites: ({ steps }, { sent }) =>
    steps.flatMap((step, i) => {
      const commands = 'fault' in step ? (sent?.get(JSON.stringify(step)) ?? []) : [];
      if (commands.length === 0) return [];
      const rest = [...commands, ...steps.slice(i + 1)];
      return [[rest.map((to, at) => ({ path: ['steps', i + at], to: to as Json }))]];
    }),
};
