import { type VerbName, withPart } from '../qemu/cards.ts';
import type { JobStatus } from '../qemu/job-statuses.ts';
import { hasTrait } from '../qemu/versions.ts';

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
export type StatusOrAbsent = JobStatus | 'absent';

const verbs = new Map(withPart('verb').map(([, verb]) => [verb.name, verb]));

/** Whether a status takes the verb, or refuses it outright. */
export function verbAllowed(verb: VerbName, status: JobStatus, version: string): boolean {
  const known = verbs.get(verb);
  if (!known?.takenIn.includes(status)) return false;
  const since = known.takenSince?.[status];
  return since === undefined || hasTrait(version, since);
}

/** `job_is_ready`: what query-block-jobs shows as `ready`. */
export const isReady = (status: StatusOrAbsent): boolean => status === 'ready' || status === 'standby';
