import { gather } from '../../judge/reading/evidence.ts';
import { type JobHistory, jobsOf } from '../../judge/reading/job-histories.ts';
import type { Trace } from '../../trace/observation.ts';

/** The jobs that live at a place in a trace, as `mirror ready`, each kind once; '' where there is none. */
export function liveJobs(trace: Trace, at: number): string {
  return [...new Set(lives(trace, at).map((life) => describe(life, at)))].sort().join(', ');
}

/**
 * The types of jobs that have not come to their end: which of two racing jobs had begun is no matter of the defect, and
 * one that has concluded holds up nothing.
 */
export function busyJobTypes(trace: Trace, at: number): string {
  const busy = lives(trace, at).filter((life) => statusAt(life, at) !== 'concluded');
  return [...new Set(busy.map(({ options }) => options.type ?? 'job'))].sort().join(', ');
}

/** The jobs that finalize by themselves and are at it: a matter of one main-loop turn. */
export function endingJobs(trace: Trace, at: number): string {
  const ending = lives(trace, at).filter(
    (life) =>
      life.options.autoFinalize !== false && /^(waiting|pending|aborting)$/.test(statusAt(life, at) ?? ''),
  );
  return [...new Set(ending.map((life) => describe(life, at)))].sort().join(', ');
}

/** One job by its id, as `mirror ready`. */
export function liveJob(trace: Trace, at: number, id: string): string | undefined {
  const life = lives(trace, at).find((other) => other.id === id);
  return life && describe(life, at);
}

function lives(trace: Trace, at: number): JobHistory[] {
  const evidence = gather(trace);
  if (!evidence) return [];
  return jobsOf(evidence).lives.filter((life) => {
    const status = statusAt(life, at);
    return status !== undefined && status !== 'null';
  });
}

const describe = (life: JobHistory, at: number): string =>
  `${life.options.type ?? 'job'} ${statusAt(life, at)}`;

const statusAt = ({ statuses }: JobHistory, at: number): string | undefined =>
  statuses.findLast((status) => status.at < at)?.status;
