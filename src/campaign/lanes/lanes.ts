import type { Sequence } from '../../sequence/sequence.ts';
import type { FromWorker, RunTask, ShrinkTask, Task, ToWorker } from '../worker/worker-messages.ts';
import type { startWorker, WorkerProcess } from '../worker/worker-process.ts';
import { type Backoff, openBackoff } from './backoff.ts';

/** A worker's place in a hunt, and what it is doing there. */
export type Lane = {
  /** undefined from the death of one to the start of the next. */
  worker: WorkerProcess | undefined;
  task: Task | undefined;
  /** It has that already for when its task is done, so that it need not wait to be told. */
  ahead: RunTask | undefined;
  /** What it shrinks beside its task. */
  sideShrink: ShrinkTask | undefined;
  /** What it runs as its task, once it has said so. */
  running: Sequence | undefined;
  /** By their numbers, what it runs again beside its task, since it seemed to hang. */
  suspects: Map<number, Sequence>;
};

export type Lanes = {
  all: readonly Lane[];
  /** Starts every worker. */
  open(): void;
  /** To every worker that is there; `but`: this lane's is left out. */
  send(message: ToWorker, but?: Lane): void;
  /** Its worker failed, and is to be replaced; `lastWords`: why. */
  replace(lane: Lane, lastWords: string): void;
  /** Stops every worker, and starts no more. */
  close(): Promise<void>;
};

/** The workers of a hunt: one that dies is replaced, at once if it lived for a while, else after a pause. */
export function openLanes(
  count: number,
  campaign: {
    start: typeof startWorker;
    /** What a new worker has to know before its first task. */
    greetings(isolated: boolean): ToWorker[];
    hear(at: number, message: FromWorker): void;
    /** A new worker waits for something to do. */
    ready(at: number): void;
    /** `lane` still says what the worker was doing. */
    lost(at: number, lane: Lane, how: string): void;
  },
): Lanes {
  const lanes = Array.from({ length: count }, emptyLane);
  const backoffs = lanes.map((): Backoff => openBackoff());
  const living = new Set<WorkerProcess>();
  const lastWords = new Map<WorkerProcess, string>();
  const pauses = new Set<NodeJS.Timeout>();
  let closed = false;

  return {
    all: lanes,
    open() {
      for (const at of lanes.keys()) openLane(at);
    },
    send(message, but) {
      for (const lane of lanes) if (lane !== but) lane.worker?.send(message);
    },
    replace(lane, words) {
      if (!lane.worker) return;
      lastWords.set(lane.worker, words);
      void lane.worker.stop();
      lane.worker = undefined;
    },
    async close() {
      closed = true;
      for (const pause of pauses) clearTimeout(pause);
      await Promise.all([...living].map((worker) => worker.stop()));
    },
  };

  function openLane(at: number): void {
    if (closed) return;
    const worker = campaign.start((message) => {
      if (lanes[at]?.worker === worker) campaign.hear(at, message);
    });
    living.add(worker);
    Object.assign(lanes[at] as Lane, emptyLane(), { worker });
    backoffs[at]?.started();
    for (const message of campaign.greetings(worker.isolated)) worker.send(message);
    void worker.exited.then((how) => died(at, worker, how));
    campaign.ready(at);
  }

  function died(at: number, worker: WorkerProcess, how: string): void {
    living.delete(worker);
    if (closed) return;
    const lane = lanes[at] as Lane;
    const pauseMs = backoffs[at]?.died() ?? 0;
    lane.worker = undefined;
    campaign.lost(at, lane, lastWords.get(worker) ?? how);
    Object.assign(lane, emptyLane());
    const pause = setTimeout(() => {
      pauses.delete(pause);
      openLane(at);
    }, pauseMs);
    pauses.add(pause);
  }
}

const emptyLane = (): Lane => ({
  worker: undefined,
  task: undefined,
  ahead: undefined,
  sideShrink: undefined,
  running: undefined,
  suspects: new Map(),
});
