import type { Job as QueuedJob } from 'bullmq';
import { type Job, jobSchema } from './jobs.ts';
import { queueNames } from './keys.ts';
import type { LockTimes, Queues } from './queues.ts';

/** A job that a lane has, under a lock that is renewed until it is given away. */
export type Taken = {
  job: Job;
  /** Its answer is in the queue of results: it is done with. Where the lock was lost, another has it, and nothing happens. */
  done(): Promise<void>;
  /** Back to where it was, for another. */
  giveBack(): Promise<void>;
};

/**
 * The next job for a lane, from the programs of its machine. A task comes first, but after a task a shard does: whatever
 * crashes, a machine hunts for at least every second job, and a fresh crash waits for one shard at most.
 */
export function openTaking(queues: Queues, programs: readonly string[], times: LockTimes, worker: string) {
  let turn = 0;

  return async function take(lane: number, lastWasTask: boolean): Promise<Taken | undefined> {
    const inTurn = programs.map((_, i) => programs[(i + turn) % programs.length] as string);
    turn++;
    const hunts = inTurn.map(queueNames.hunt);
    const tasks = inTurn.map(queueNames.task);
    for (const name of lastWasTask ? [...hunts, ...tasks] : [...tasks, ...hunts]) {
      const token = `${worker}-${lane}-${turn}`;
      const taker = await queues.taker(name);
      const queued: QueuedJob | undefined = await taker.getNextJob(token, { block: false });
      if (!queued) continue;
      const parsed = jobSchema.safeParse(queued.data);
      if (parsed.success) return held(queued, parsed.data, token);
      const [issue] = parsed.error.issues;
      await queued
        .moveToFailed(new Error(`${issue?.path.join('.')}: ${issue?.message}`), token)
        .catch(() => {});
    }
    return undefined;
  };

  function held(queued: QueuedJob, job: Job, token: string): Taken {
    const renewal = setInterval(
      () => void queued.extendLock(token, times.lockMs).catch(() => {}),
      times.lockMs / 3,
    );
    return {
      job,
      async done() {
        clearInterval(renewal);
        await queued.moveToCompleted('', token, false).catch(() => {});
      },
      async giveBack() {
        clearInterval(renewal);
        await queued.moveToWait(token).catch(() => {});
      },
    };
  }
}
