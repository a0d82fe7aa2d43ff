import type { Step } from '../../../sequence/step.ts';
import { limits } from '../../limits.ts';
import { command, only } from '../../steps/command.ts';
import { verbSteps } from '../../steps/control.ts';
import type { StepMaker } from '../../steps/families.ts';

/** The first job that is there ends by what ends its kind, and is dismissed where it waits for that. */
export const toTheEnd: StepMaker = (draw, situation) => {
  const [job] = situation.jobs;
  if (!job) return undefined;
  const about = { job: job.id, deadlineMs: limits.finishMirrorDeadlineMs };
  const ready: Step[] = job.becomesReady
    ? [{ await: 'READY', ...about }, ...(verbSteps(draw, situation, 'complete', job) ?? [])]
    : [];
  const cancelled = job.endless
    ? (only(command(draw, situation, 'block-job-cancel', { device: job.id })) ?? [])
    : [];
  // Until then queries show how it has ended.
  const dismissed = job.autoDismiss
    ? []
    : [
        ...(only(command(draw, situation, 'query-jobs')) ?? []),
        ...(only(command(draw, situation, 'job-dismiss', { id: job.id })) ?? []),
      ];
  return [...ready, ...cancelled, { await: job.autoDismiss ? 'gone' : 'concluded', ...about }, ...dismissed];
};
