import { gather } from '../../judge/reading/evidence.ts';
import { type JobSeen, jobAt, jobsAt } from '../../judge/reading/live-jobs.ts';
import type { Trace } from '../../trace/observation.ts';
import type { Place } from '../../trace/place.ts';

/** The jobs that live at a place in a trace, as `mirror ready`, each kind once; '' where there is none. */
export function liveJobs(trace: Trace, at: Place): string {
  const evidence = gather(trace);
  return evidence ? jobWords(jobsAt(evidence, at)) : '';
}

/** One job by its id, as `mirror ready`. */
export function liveJob(trace: Trace, at: Place, id: string): string | undefined {
  const evidence = gather(trace);
  const job = evidence && jobAt(evidence, at, id);
  return job && jobWords([job]);
}

/** Which errors it met is left out: with an error that stopped it, it stands still in another status. */
export const jobWords = (jobs: readonly JobSeen[]): string =>
  [...new Set(jobs.map(({ type, status }) => `${type} ${status}`))].sort().join(', ');
