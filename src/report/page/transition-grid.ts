import { transitions } from '../../model/job-machine.ts';
import type { TransitionGrid } from '../../page/model.ts';
import { jobStatuses } from '../../qemu/job-statuses.ts';

/** A hunt's `coverage.transitions` (`running paused`: 7) as QEMU's table of which status may follow which. */
export function transitionGrid(counts: Readonly<Record<string, number>>): TransitionGrid {
  const from = jobStatuses.filter((status) => status !== 'null');
  const to = jobStatuses.filter((status) => status !== 'undefined');
  return {
    from: [...from],
    to: [...to],
    cells: from.map((before) =>
      to.map((after) => {
        const times = counts[`${before} ${after}`] ?? 0;
        const isAllowed = transitions[before].includes(after);
        return isAllowed || times > 0 ? { times, isAllowed } : null;
      }),
    ),
  };
}
