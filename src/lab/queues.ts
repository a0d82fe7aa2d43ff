import type { Queue, Job as QueuedJob, Worker } from 'bullmq';
import type { Connection } from './connection.ts';
import { limits } from './limits.ts';

/** BullMQ's queues over one connection. Every loss of Redis is waited out by the connection, and reported there. */
export type Queues = {
  queue(name: string): Queue;
  /** What takes jobs by hand, one at a time, and looks for those that dead workers have left. */
  taker(name: string): Promise<Worker>;
  /** Calls `take` for each job, some side by side; one that throws is kept as failed. */
  serve(name: string, take: (data: unknown, id: string) => Promise<void>): Worker;
  close(): Promise<void>;
};

export type LockTimes = { lockMs: number; stalledCheckMs: number };

export async function openQueues({ redis, prefix }: Connection, times: LockTimes = limits): Promise<Queues> {
  const bullmq = await import('bullmq');
  const queues = new Map<string, Queue>();
  const workers = new Map<string, Worker>();
  const how = {
    prefix,
    connection: redis,
    lockDuration: times.lockMs,
    stalledInterval: times.stalledCheckMs,
    maxStalledCount: limits.stalledMax,
  };

  return {
    queue(name) {
      const open = queues.get(name) ?? openQueue(name);
      queues.set(name, open);
      return open;
    },
    async taker(name) {
      const open = workers.get(name);
      if (open) return open;
      const worker = new bullmq.Worker(name, null, { ...how, autorun: false });
      worker.on('error', () => {});
      workers.set(name, worker);
      await worker.startStalledCheckTimer();
      return worker;
    },
    serve(name, take) {
      const worker = new bullmq.Worker(name, async ({ data, id = '' }: QueuedJob) => take(data, id), {
        ...how,
        concurrency: 16,
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
      });
      worker.on('error', () => {});
      workers.set(name, worker);
      return worker;
    },
    async close() {
      await Promise.all([...workers.values()].map((worker) => worker.close(true).catch(() => {})));
      await Promise.all([...queues.values()].map((queue) => queue.close().catch(() => {})));
    },
  };

  function openQueue(name: string): Queue {
    const queue = new bullmq.Queue(name, {
      prefix,
      connection: redis,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: false },
      // Nobody listens to events; each costs Redis memory.
      streams: { events: { maxLen: 100 } },
    });
    queue.on('error', () => {});
    return queue;
  }
}
