import { firstPlace, opening, type Place } from '../../trace/place.ts';
import type { ArmedError } from './armed-errors.ts';
import type { Evidence } from './evidence.ts';
import { eventsNamed, type JobHistory, jobsOf } from './job-histories.ts';

/** From where on a job may meet errors: what was over before that meets none of its requests. */
export const beginOf = ({ startedBy, entries }: JobHistory): Place => startedBy ?? entries[0]?.at ?? opening;

/**
 * An error that comes once is over when a job says that it has met it: blkdebug removes such a rule with the request that
 * it fails (block/blkdebug.c, rule_check). Known only where it was the only one that the job can have met, and before
 * anything else may fail requests.
 */
export function endSpent(evidence: Evidence, all: readonly ArmedError[], before: Place): void {
  if (!all.some(isSingle)) return;
  const met = jobsOf(evidence).lives.flatMap((life) =>
    eventsNamed(life, 'BLOCK_JOB_ERROR').map(({ at }) => ({ at, begun: beginOf(life) })),
  );
  for (const { at, begun } of met.sort((one, other) => one.at - other.at)) {
    const [only, ...others] = all.filter(({ from, over }) => from < at && over > begun);
    if (at >= before || !only || others.length > 0 || !isSingle(only)) continue;
    only.over = firstPlace(only.over, at);
    only.metAt ??= at;
  }
}

/** It meets one request; with `sectors`, one on each of them. */
const isSingle = ({ error: { once, sectors, nth } }: ArmedError): boolean =>
  once === true && sectors === undefined && nth === undefined;
