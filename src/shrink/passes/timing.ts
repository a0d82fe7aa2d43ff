import type { Step } from '../../sequence/step.ts';
import type { Site } from '../change.ts';
import { limits } from '../limits.ts';
import type { Pass } from '../pass.ts';
import { plainer } from '../plain-values.ts';

/** Time: a pause becomes an await, which says what is waited for, or else a short round figure. */
export const timing: Pass = {
  name: 'timing',
  sites: ({ steps }) => steps.flatMap((step, i) => sitesOf(step, i)),
};

function sitesOf(step: Step, i: number): Site[] {
  if ('pause' in step) {
    const deadlineMs = limits.awaitDeadlineMs;
    return [
      [
        ...awaited.map((wanted) => [{ path: ['steps', i], to: { await: wanted, deadlineMs } }]),
        ...[0, 1, 10, 100, 1000].map((ms) => [{ path: ['steps', i, 'pause'], to: ms }]),
      ],
    ];
  }
  if (!('deadlineMs' in step) || step.deadlineMs === undefined) return [];
  const path = ['steps', i, 'deadlineMs'];
  return [(plainer('deadlineMs', step.deadlineMs) ?? []).map((to) => [{ path, to }])];
}

const awaited = ['reply', 'READY', 'gone'] as const;
