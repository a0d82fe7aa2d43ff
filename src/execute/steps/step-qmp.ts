import type { QmpStep } from '../../sequence/step.ts';
import { openCommands, placeImage } from '../arena/set-up.ts';
import { issue, issueAll, type Run } from '../run.ts';
import { resolveArgs } from './resolve.ts';

/** Sends the step's command; disks that it makes are opened just before, in the same step. */
export async function qmpStep(run: Run, step: QmpStep, index: number): Promise<void> {
  const { args, newDisks } = resolveArgs(run, step);
  for (const disk of newDisks) {
    placeImage(run, disk);
    const opening = issueAll(run, openCommands(run, disk), index);
    if (!run.suspended) await opening;
  }
  run.inFlight.commands++;
  const answer = issue(
    run,
    { name: step.qmp, args },
    {
      step: index,
      ...(step.oob ? { oob: true as const } : {}),
      ...(step.deadlineMs === undefined ? {} : { deadlineMs: step.deadlineMs }),
    },
  ).then(() => {
    run.inFlight.commands--;
    run.recorder.wake();
  });
  if (step.wait !== false && !run.suspended) await answer;
}
