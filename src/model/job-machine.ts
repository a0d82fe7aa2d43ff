import { hasTrait } from '../qmp/versions.ts';
import type { JobStatus } from '../sequence/step.ts';

/**
 * JobSTT of QEMU's job.c: which status may follow which. The same in 5.2, 7.2 and 10.0, and every transition in it,
 * and no other, was seen on 5.2, 7.2, 10.0 and 11.1. aborting -> aborting exists but emits no event.
 */
export const transitions: Record<JobStatus, readonly JobStatus[]> = {
  undefined: ['created'],
  created: ['running', 'aborting', 'null'],
  running: ['paused', 'ready', 'waiting', 'aborting'],
  paused: ['running'],
  ready: ['standby', 'waiting', 'aborting'],
  standby: ['ready'],
  waiting: ['pending', 'aborting'],
  pending: ['aborting', 'concluded'],
  aborting: ['concluded'],
  concluded: ['null'],
  null: [],
};

/** A job's status as a handler may find it; absent: there is no such job (any more). */
export type Found = JobStatus | 'absent';

export type VerbName =
  | 'pause'
  | 'resume'
  | 'cancel'
  | 'complete'
  | 'set-speed'
  | 'finalize'
  | 'dismiss'
  | 'change';

const live: readonly JobStatus[] = ['created', 'running', 'paused', 'ready', 'standby'];

/** JobVerbTable of job.c: the statuses in which a verb is not refused outright. */
const verbTable: Record<VerbName, readonly JobStatus[]> = {
  cancel: [...live, 'waiting', 'pending'],
  pause: live,
  resume: live,
  'set-speed': live,
  complete: ['ready', 'standby'],
  finalize: ['pending'],
  dismiss: ['concluded'],
  change: live,
};

export function verbAllowed(verb: VerbName, status: JobStatus, version: string): boolean {
  if (verb === 'complete' && status === 'standby' && !hasTrait(version, 'complete in standby')) return false;
  return verbTable[verb].includes(status);
}

/** `job_is_ready`: what query-block-jobs shows as `ready`. */
export const isReady = (status: Found): boolean => status === 'ready' || status === 'standby';
