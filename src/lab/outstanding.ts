import type { Connection } from './connection.ts';
import { priorities, type WrittenJob } from './jobs.ts';
import { queueNames } from './keys.ts';
import type { Queues } from './queues.ts';

/** Jobs that were given out and not answered yet; what Redis has lost of them is put there again. */
export type Outstanding = {
  has(id: string): boolean;
  get(id: string): WrittenJob | undefined;
  /** Puts jobs into their queues; those that are there already stay. */
  put(jobs: readonly WrittenJob[]): Promise<void>;
  /** It was answered, or given up. */
  remove(id: string): void;
  all(): WrittenJob[];
  count(kind: WrittenJob['kind'], program?: string): number;
  /** An answer could not be read. Says whether that is so for the last time. */
  refused(id: string, most: number): boolean;
  /** Puts everything in again: Redis has lost it. */
  putAll(): Promise<void>;
  /** Looks for those that Redis has not; returns those that took too many workers along. `again`: put in once more. */
  audit(olderThanMs: number): Promise<{ poisoned: WrittenJob[]; again: number }>;
};

type Out = { job: WrittenJob; sinceMs: number; refusals: number };

export function openOutstanding(queues: Queues, { redis, prefix }: Connection): Outstanding {
  const out = new Map<string, Out>();
  const counts = new Map<string, number>();

  return {
    has: (id) => out.has(id),
    get: (id) => out.get(id)?.job,
    async put(jobs) {
      for (const job of jobs) {
        if (!out.has(job.id)) count(job, 1);
        out.set(job.id, { job, sinceMs: performance.now(), refusals: 0 });
      }
      await add(jobs);
    },
    remove(id) {
      const job = out.get(id)?.job;
      if (job) count(job, -1);
      out.delete(id);
    },
    all: () => [...out.values()].map(({ job }) => job),
    count: (kind, program) => counts.get(program === undefined ? kind : `${kind} ${program}`) ?? 0,
    refused(id, most) {
      const each = out.get(id);
      return each !== undefined && ++each.refusals >= most;
    },
    putAll: () => add([...out.values()].map(({ job }) => job)),
    async audit(olderThanMs) {
      const before = performance.now() - olderThanMs;
      const old = [...out.values()].filter(({ sinceMs }) => sinceMs < before).map(({ job }) => job);
      if (old.length === 0) return { poisoned: [], again: 0 };
      // The answer is put in before the job goes: asked in this order, one of the two is there.
      const pipeline = redis.pipeline();
      for (const job of old) {
        const queue = `${prefix}:${nameOf(job)}`;
        pipeline.zscore(`${queue}:failed`, job.id).exists(`${queue}:${job.id}`);
      }
      const answers = pipeline.length > 0 ? ((await pipeline.exec()) ?? []) : [];
      const poisoned = old.filter((_, i) => answers[2 * i]?.[1] != null);
      const missing = old.filter((_, i) => answers[2 * i + 1]?.[1] === 0);
      const answered = await Promise.all(
        missing.map(({ id }) => redis.exists(`${prefix}:${queueNames.results}:${id}`)),
      );
      const lost = missing.filter(({ id }, i) => answered[i] === 0 && out.has(id));
      await add(lost);
      for (const job of poisoned) await queues.queue(nameOf(job)).remove(job.id);
      return { poisoned, again: lost.length };
    },
  };

  async function add(jobs: readonly WrittenJob[]): Promise<void> {
    const byQueue = Map.groupBy(jobs, nameOf);
    for (const [name, those] of byQueue)
      await queues.queue(name).addBulk(
        those.map((job) => ({
          name: job.kind,
          data: job,
          opts: { jobId: job.id, ...(job.kind === 'hunt' ? {} : { priority: priorities[job.kind] }) },
        })),
      );
  }

  function count({ kind, program }: WrittenJob, by: number): void {
    for (const key of [kind, `${kind} ${program}`]) counts.set(key, (counts.get(key) ?? 0) + by);
  }
}

function nameOf({ kind, program }: WrittenJob): string {
  if (kind === 'hunt') return queueNames.hunt(program);
  return kind === 'gate' ? queueNames.gate(program) : queueNames.task(program);
}
