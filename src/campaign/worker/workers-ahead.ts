import type { FromWorker } from './worker-messages.ts';
import { startWorker, type WorkerProcess } from './worker-process.ts';

/** Worker processes that were started before there was anything to do for them. */
export type WorkersAhead = {
  /** One of them, while there are any; else a new one. */
  start: typeof startWorker;
  /** Stops those that nobody took. */
  stop(): Promise<void>;
};

/**
 * A worker loads its code for a second, several on a busy machine. Started ahead, it does so while the machine is
 * looked at, and none of that is taken from a hunt's budget.
 */
export function startAhead(count: number): WorkersAhead {
  const waiting = Array.from({ length: count }, wait);
  return {
    start(hear) {
      const first = waiting.shift();
      return first ? first.take(hear) : startWorker(hear);
    },
    async stop() {
      await Promise.all(waiting.splice(0).map(({ worker }) => worker.stop()));
    },
  };
}

type Waiting = { worker: WorkerProcess; take(hear: (message: FromWorker) => void): WorkerProcess };

/** It says nothing until it is told something. */
function wait(): Waiting {
  let hear = (_message: FromWorker): void => {};
  const worker = startWorker((message) => hear(message));
  return {
    worker,
    take(next) {
      hear = next;
      return worker;
    },
  };
}
