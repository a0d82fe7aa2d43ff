import type { VerbName } from '../../qemu/cards.ts';
import type { JobStatus } from '../../qemu/job-statuses.ts';
import type { GuestOp } from '../../trace/observation.ts';
import type { JobSeen } from '../reading/live-jobs.ts';

/** What has to come in bounded time, and did not. */
export type LackingFact = { shape: 'lacking' } & (
  | { what: 'reply'; command: string; afterMs: number; during?: During }
  /** `jobs`: those that were left. */
  | { what: 'settling' | 'quit'; afterMs: number; jobs?: readonly JobSeen[] }
  /** A job was resumed, and stands still. */
  | {
      what: 'resume';
      job: string;
      type: string | undefined;
      status: JobStatus;
      /** Who had paused it last: its user, or an error whose policy is stop. */
      pausedBy: 'user' | 'error';
      /** What else may hold it. */
      heldBy?: HeldBy;
      afterMs: number;
    }
  /** A verb was accepted, and what it announces has not come. `status`: as it stood when it was told. */
  | {
      what: 'effect';
      verb: VerbName;
      job: string;
      type: string | undefined;
      status: JobStatus;
      afterMs: number;
    }
  /** An error was announced with an action, and what the action says has not come. `status`: as it stood then. */
  | {
      what: 'announced';
      action: 'report' | 'stop';
      job: string;
      type: string | undefined;
      status: JobStatus;
      afterMs: number;
    }
  /** A job runs, and does not get on. */
  | { what: 'progress'; job: string; type: string | undefined; afterMs: number }
  /** The guest waits for its disk. `since`: the command that was carried out or refused before it asked. */
  | {
      what: 'guest request';
      op: GuestOp['op'];
      since?: { command: string; refused: boolean };
      afterMs: number;
    }
  /** The guest waits for what a copy-before-write filter saves, for longer than its cbw-timeout says. */
  | { what: 'end of saving'; op: GuestOp['op']; timeoutMs: number; afterMs: number }
  /** An image that a node has open for writing is not locked. */
  | { what: 'lock'; awaited: string; node: string }
);

/** What QEMU was at when it did not answer. */
export type During = {
  /** What the command itself begins: the driver that it opens, or the jobs that a transaction starts. */
  begins?: readonly string[];
  /** The job that it names. */
  job?: JobSeen;
  /** Jobs that came to their end of themselves; other types of jobs that were at work. */
  ending: readonly JobSeen[];
  busy: readonly string[];
};

/** A refused command that drains the job's nodes, or a verb that came while it was paused. */
export type HeldBy = { refused: 'reopen' | 'snapshot' | 'transaction' } | { verb: VerbName };

export function lackingWords(fact: LackingFact): string {
  switch (fact.what) {
    case 'reply':
      return `${fact.command} was not answered in ${fact.afterMs} ms`;
    case 'settling':
      return `not settled after ${fact.afterMs} ms`;
    case 'quit':
      return `QEMU has not quit after ${fact.afterMs} ms`;
    case 'resume':
      return `job ${fact.job} was resumed, and ${fact.status} ${fact.afterMs} ms later`;
    case 'effect':
      return `job ${fact.job} was told to ${fact.verb}, and ${fact.status} still ${fact.afterMs} ms later`;
    case 'announced':
      return `job ${fact.job} has met an error, its action ${fact.action}, and was ${fact.status} still ${fact.afterMs} ms later`;
    case 'progress':
      return `job ${fact.job} was still running after ${fact.afterMs} ms without anything to hold it back`;
    case 'guest request': {
      const since =
        fact.since &&
        `, asked for after ${fact.since.command} was ${fact.since.refused ? 'refused' : 'accepted'},`;
      return `the guest's ${fact.op}${since ?? ''} has not ended ${fact.afterMs} ms after everything else has`;
    }
    case 'end of saving':
      return `the guest's ${fact.op} waited ${fact.afterMs} ms for what was to be saved before, and cbw-timeout is ${fact.timeoutMs} ms`;
    case 'lock':
      return `${fact.awaited} did not come, though node ${fact.node} has it open for writing`;
    default:
      return fact satisfies never;
  }
}
