import type { Place } from '../../trace/place.ts';
import type { Evidence } from './evidence.ts';
import { type JobHistory, jobsOf, metError } from './job-histories.ts';

/** A job as it stood at a place: what tells one kind of defect from another. */
export type JobSeen = { type: string; status: string /** It has met an error. */; errored?: true };

/** The jobs that live at a place in a trace, each kind once. */
export const jobsAt = (evidence: Evidence, at: Place): JobSeen[] =>
  distinct(lives(evidence, at).map((life) => seenAt(life, at)));

/**
 * The types of jobs that have not come to their end: which of two racing jobs had begun is no matter of the defect, and
 * one that has concluded holds up nothing.
 */
export function busyTypesAt(evidence: Evidence, at: Place): string[] {
  const busy = lives(evidence, at).filter((life) => statusAt(life, at) !== 'concluded');
  return [...new Set(busy.map(({ options }) => options.type ?? 'job'))].sort();
}

/** The jobs that finalize by themselves and are at it: a matter of one main-loop turn. */
export function endingJobsAt(evidence: Evidence, at: Place): JobSeen[] {
  const ending = lives(evidence, at).filter(
    (life) =>
      life.options.autoFinalize !== false && /^(waiting|pending|aborting)$/.test(statusAt(life, at) ?? ''),
  );
  return distinct(ending.map((life) => seenAt(life, at)));
}

/** One job by its id. */
export function jobAt(evidence: Evidence, at: Place, id: string): JobSeen | undefined {
  const life = lives(evidence, at).find((other) => other.id === id);
  return life && seenAt(life, at);
}

function lives(evidence: Evidence, at: Place): JobHistory[] {
  return jobsOf(evidence).lives.filter((life) => {
    const status = statusAt(life, at);
    return status !== undefined && status !== 'null';
  });
}

const seenAt = (life: JobHistory, at: Place): JobSeen => ({
  type: life.options.type ?? 'job',
  status: `${statusAt(life, at)}`,
  ...(metError(life) ? { errored: true } : {}),
});

const statusAt = ({ statuses }: JobHistory, at: Place): string | undefined =>
  statuses.findLast((status) => status.at < at)?.status;

function distinct(jobs: readonly JobSeen[]): JobSeen[] {
  const byWords = new Map(jobs.map((job) => [JSON.stringify(job), job]));
  return [...byWords].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, job]) => job);
}
