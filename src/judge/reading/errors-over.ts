import type { Place } from '../../trace/place.ts';
import { armedErrorsOf } from './armed-errors.ts';
import type { Evidence } from './evidence.ts';
import { eventsNamed, type JobHistory, stopsOf } from './job-histories.ts';
import { lastDone } from './verbs-on.ts';

/**
 * Whether the errors that a job has met were over before `from`, and none can have come up to `to`: they were injected and
 * lifted, nothing else fails requests, and where one has stopped the job it was resumed.
 */
export function errorsOver(evidence: Evidence, life: JobHistory, from: Place, to: Place): boolean {
  const { all, otherCauses } = armedErrorsOf(evidence);
  const isPast = eventsNamed(life, 'BLOCK_JOB_ERROR').every(({ at }) => at < from);
  const isLifted = all.length > 0 && all.every(({ over }) => over < from);
  const lastStop = stopsOf(life).at(-1)?.at;
  const isResumed =
    lastStop === undefined || (lastDone(evidence, life.id, 'resume', from)?.sent ?? -1) > lastStop;
  return isPast && isLifted && isResumed && otherCauses.from > to;
}
