import { guestWorkload, type WorkloadKind } from '../../guest-workload.ts';
import { limits } from '../../limits.ts';
import type { Situation } from '../../situation.ts';
import type { Part } from '../flow.ts';

/** The job of a round that becomes READY, while nothing has told it to end. */
export const readyJob = ({ jobs }: Situation) =>
  jobs.find(({ becomesReady, ending }) => becomesReady && !ending);

export const untilJobReady: Part = (_, situation) => {
  const job = readyJob(situation);
  return job && [{ await: 'READY', job: job.id, deadlineMs: limits.finishMirrorDeadlineMs }];
};

/** The disk that a guest can write to. */
export const writableDisk = ({ arena }: Situation) =>
  arena.disks.find(({ frontend = 'none', readOnly }) => frontend !== 'none' && !readOnly);

/** Some requests to that disk, of one of these kinds. */
export const guestAsks =
  (kinds: readonly [WorkloadKind, ...WorkloadKind[]], [least, most]: readonly [number, number]): Part =>
  (draw, situation) => {
    const disk = writableDisk(situation);
    if (!disk) return undefined;
    const kind = draw.oneOf(kinds);
    return guestWorkload(draw, kind, {
      disk: disk.name,
      sizeBytes: disk.sizeBytes,
      requests: draw.int(least, most),
    });
  };
