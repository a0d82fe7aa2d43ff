import type { Place } from '../../trace/place.ts';
import type { ArmedErrors } from '../reading/armed-errors.ts';
import { eventsNamed, type JobHistory } from '../reading/job-histories.ts';
import { errnoTexts } from './errors.ts';

/**
 * Whether a job has told as many errors as may have come at all while it lived: a request that fails is told once, so
 * that none is left that could have failed without a word, as those for tables and flushes do.
 */
export function allWereTold(life: JobHistory, end: Place, armed: ArmedErrors): boolean {
  const possible = armed.metBy(life, end);
  const told = eventsNamed(life, 'BLOCK_JOB_ERROR').filter(({ at }) => at < end);
  return possible.every(({ error: { once, sectors } }) => once && !sectors) && possible.length <= told.length;
}

/** An error that ended a job is one that was injected. */
export const isInjected = (named: string, { all }: ArmedErrors): boolean =>
  all.some(({ error }) => named.includes(errnoTexts[error.errno]));
