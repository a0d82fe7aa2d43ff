import { setTimeout as pause } from 'node:timers/promises';
import { openBackoff } from '../campaign/lanes/backoff.ts';
import type {
  FromWorker,
  Ran,
  RunTask,
  ShrinkEnded,
  ShrinkFailed,
  ShrinkTask,
  ToWorker,
} from '../campaign/worker/worker-messages.ts';
import { startWorker, type WorkerProcess } from '../campaign/worker/worker-process.ts';
import type { Sequence } from '../sequence/sequence.ts';

/** A worker process of this machine, as whoever has jobs for it sees it: it is asked, and answers or dies. */
export type Lane = {
  run(task: RunTask): Promise<Ran | Died>;
  shrink(task: ShrinkTask): Promise<ShrinkEnded | ShrinkFailed | Died>;
  /** What suspects broke with patience, once all of them are looked at; of those that died with it, how. */
  confirmed(): Promise<(Ran | Died)[]>;
  send(message: ToWorker): void;
  /** A new process from the next question on: what this one remembers no longer holds. */
  forget(): void;
  close(): Promise<void>;
};

/** `running`: what it was at. */
export type Died = { kind: 'died'; how: string; running?: Sequence };

/** `greetings`: what a new process has to know before its first question. */
export function openLane(greetings: (isolated: boolean) => ToWorker[]): Lane {
  const backoff = openBackoff();
  const suspects = new Map<number, Sequence>();
  let confirmed: (Ran | Died)[] = [];
  let worker: WorkerProcess | undefined;
  let running: Sequence | undefined;
  let answer: ((message: FromWorker | Died) => void) | undefined;
  let looked: (() => void) | undefined;
  let pauseMs = 0;
  let isClosed = false;

  return {
    run: (task) => ask<Ran>(task),
    shrink: (task) => ask<ShrinkEnded | ShrinkFailed>(task),
    async confirmed() {
      while (suspects.size > 0)
        await new Promise<void>((resolve) => {
          looked = resolve;
        });
      const all = confirmed;
      confirmed = [];
      return all;
    },
    send: (message) => worker?.send(message),
    forget() {
      const old = worker;
      worker = undefined;
      void old?.stop();
      if (old) died('it was started anew');
    },
    async close() {
      isClosed = true;
      const old = worker;
      worker = undefined;
      died('it was stopped');
      await old?.stop();
    },
  };

  async function ask<Answer>(task: ToWorker): Promise<Answer | Died> {
    if (!worker) {
      await pause(pauseMs);
      if (isClosed) return { kind: 'died', how: 'it was stopped' };
      start();
    }
    return new Promise((resolve) => {
      answer = resolve as (message: FromWorker | Died) => void;
      worker?.send(task);
    });
  }

  function start(): void {
    const started = startWorker((message) => {
      if (worker === started) hear(message);
    });
    worker = started;
    backoff.started();
    for (const message of greetings(started.isolated)) started.send(message);
    void started.exited.then((how) => {
      if (worker !== started) return;
      worker = undefined;
      pauseMs = backoff.died();
      died(how);
    });
  }

  function hear(message: FromWorker): void {
    switch (message.kind) {
      case 'begun':
        running = message.sequence;
        return;
      case 'ran':
        if (message.suspect && running) suspects.set(message.index, running);
        running = undefined;
        break;
      case 'confirmed':
        suspects.delete(message.ran.index);
        confirmed.push(message.ran);
        looked?.();
        return;
      case 'failed': {
        const old = worker;
        worker = undefined;
        pauseMs = backoff.died();
        void old?.stop();
        died(message.message);
        return;
      }
      case 'shrunk':
      case 'shrink-failed':
      case 'explained':
        break;
    }
    const resolve = answer;
    answer = undefined;
    resolve?.(message);
  }

  function died(how: string): void {
    const was = running;
    running = undefined;
    for (const sequence of suspects.values()) confirmed.push({ kind: 'died', how, running: sequence });
    suspects.clear();
    looked?.();
    const resolve = answer;
    answer = undefined;
    resolve?.({ kind: 'died', how, ...(was ? { running: was } : {}) });
  }
}
