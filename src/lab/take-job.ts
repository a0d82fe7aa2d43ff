import type { Job as QueuedJob } from 'bullmq';
import type { Connection } from './connection.ts';
import { type Job, jobSchema } from './jobs.ts';
import { queueNames } from './keys.ts';
import { limits } from './limits.ts';
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
 * The next job for a lane, from the programs of its machine. A gate's runs come first: someone waits for its verdict. Then
 * a task, but after a task a shard does: whatever crashes, a machine hunts for at least every second job, and a fresh crash
 * waits for one shard at most.
 */
export async function openTaking(
  queues: Queues,
  { redis, prefix }: Connection,
  programs: readonly string[],
  times: LockTimes,
  worker: string,
) {
  let turn = 0;
  let look: { atMs: number; filled: Promise<Set<string>> } | undefined;
  const names = programs.flatMap((program) => [queueNames.hunt(program), queueNames.task(program)]);
  // Opened before they are asked: each looks for jobs that dead workers have left.
  await Promise.all(names.map(queues.taker));
  return take;

  /** `gates`: candidates of a gate that this machine may take. */
  async function take(
    lane: number,
    lastWasTask: boolean,
    gates: readonly string[],
  ): Promise<Taken | undefined> {
    const inTurn = programs.map((_, i) => programs[(i + turn) % programs.length] as string);
    turn++;
    const hunts = inTurn.map(queueNames.hunt);
    const tasks = inTurn.map(queueNames.task);
    const ofGates = gates.map(queueNames.gate);
    await Promise.all(ofGates.map(queues.taker));
    const filled = await filledQueues(ofGates);
    const usual = lastWasTask ? [...hunts, ...tasks] : [...tasks, ...hunts];
    for (const name of [...ofGates, ...usual]) {
      if (!filled.has(name)) continue;
      const token = `${worker}-${lane}-${turn}`;
      const taker = await queues.taker(name);
      const queued: QueuedJob | undefined = await taker.getNextJob(token, { block: false });
      if (!queued) {
        filled.delete(name);
        continue;
      }
      const parsed = jobSchema.safeParse(queued.data);
      if (parsed.success) return held(queued, parsed.data, token);
      const [issue] = parsed.error.issues;
      await queued
        .moveToFailed(new Error(`${issue?.path.join('.')}: ${issue?.message}`), token)
        .catch(() => {});
    }
    return undefined;
  }

  /**
   * Queues that something waits in. To take from an empty one costs Redis ten commands, to count two: all lanes of a
   * machine share a count until it is old.
   */
  function filledQueues(more: readonly string[]): Promise<Set<string>> {
    const now = performance.now();
    if (look === undefined || now - look.atMs > (more.length > 0 ? limits.gatePollMs : limits.idlePollMs)) {
      const asked = { atMs: now, filled: count([...names, ...more]) };
      look = asked;
      asked.filled.catch(() => {
        if (look === asked) look = undefined;
      });
    }
    return look.filled;
  }

  async function count(all: readonly string[]): Promise<Set<string>> {
    const pipeline = redis.pipeline();
    for (const name of all) pipeline.llen(`${prefix}:${name}:wait`).zcard(`${prefix}:${name}:prioritized`);
    const answers = (await pipeline.exec()) ?? [];
    const isFilled = (at: number): boolean =>
      Number(answers[2 * at]?.[1]) + Number(answers[2 * at + 1]?.[1]) > 0;
    return new Set(all.filter((_, at) => isFilled(at)));
  }

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
