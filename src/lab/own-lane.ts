import { type KeptTryOuts, openKeptTryOuts } from '../campaign/kept-try-outs.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { Job } from './jobs.ts';
import type { Lane } from './lane.ts';
import type { Offer, WorkerSaid } from './messages.ts';

/** A lane of a worker: the process that it hunts by, the sessions that a gate's runs share, and what it is doing. */
export type OwnLane = {
  lane: Lane;
  /** Opened where something is run in them. */
  tryOuts(): KeptTryOuts;
  isBusy(): boolean;
  /** Sessions of a campaign that is over are closed. */
  letGo(): Promise<void>;
  begin(job: Job, on: Offer): void;
  end(): void;
  lastWasTask: boolean;
  said(): WorkerSaid['lanes'][number];
  stop(): Promise<void>;
};

export function openOwnLane(
  lane: Lane,
  on: { root: RunRoot; tool: { name: string; version: string } },
): OwnLane {
  let tryOuts: KeptTryOuts | undefined;
  let doing = waiting;
  let sinceMs = performance.now();
  const own: OwnLane = {
    lane,
    tryOuts() {
      tryOuts ??= openKeptTryOuts(on);
      return tryOuts;
    },
    async letGo() {
      const old = tryOuts;
      tryOuts = undefined;
      await old?.close();
    },
    begin: (job, offer) => now(doingOf(job, offer)),
    end: () => now(waiting),
    isBusy: () => doing !== waiting,
    lastWasTask: false,
    said: () => ({ doing, forMs: Math.round(performance.now() - sinceMs) }),
    async stop() {
      await Promise.all([lane.close(), tryOuts?.kill()]);
    },
  };
  return own;

  function now(what: string): void {
    doing = what;
    sinceMs = performance.now();
  }
}

const waiting = 'waiting';

export function doingOf(job: Job, { label, flavour }: Offer): string {
  const on = `on ${label} ${flavour}`;
  switch (job.kind) {
    case 'hunt':
      return `hunting ${job.property} ${on}`;
    case 'shrink':
      return `shrinking ${job.finding} ${on}`;
    case 'rate':
      return `replaying ${job.finding} ${on}`;
    case 'ablate':
      return `ablating ${job.finding} ${on}`;
    case 'gate':
      return `looking for a gate ${on}`;
    case 'prune':
      return `running ${job.sequences.length} sequences of a corpus ${on}`;
  }
}
