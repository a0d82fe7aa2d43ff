import type { Pass } from '../pass.ts';

/** Everything after the step at which the failure showed goes at once. */
export const afterFailure: Pass = {
  name: 'what comes after the failure',
  sites: ({ steps }, { at }) =>
    at === undefined || at + 1 >= steps.length
      ? []
      : [[steps.slice(at + 1).map((_, i) => ({ path: ['steps', at + 1 + i] }))]],
};
