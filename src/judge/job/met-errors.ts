import type { Errno } from '../../sequence/arena.ts';
import { nowhere, type Place } from '../../trace/place.ts';
import { type ArmedErrors, armedErrorsOf } from '../reading/armed-errors.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { JobHistory } from '../reading/job-histories.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import { type Cause, earliest } from '../why-undecided.ts';

/** The errors that were injected, and from where on something else may have failed requests of a job. */
export type Errors = { armed: ArmedErrors; disturbed: Cause };

export function errorsMet(evidence: Evidence): Errors {
  const armed = armedErrorsOf(evidence);
  const { endAsked } = disturbancesOf(evidence);
  return { armed, disturbed: earliest(armed.otherCauses, endAsked, compressedFrom(evidence)) };
}

/** Which errors a request of a job may have met; undefined where something else may have failed it. */
export function possibleErrnos(
  { armed, disturbed }: Errors,
  life: JobHistory,
  at: Place,
): ReadonlySet<Errno> | undefined {
  const errnos = new Set(armed.metBy(life, at).map(({ error }) => error.errno));
  return at < disturbed.from && errnos.size > 0 ? errnos : undefined;
}

/** `auto` is enospc for jobs: block.c, bdrv_get_error_action. */
export const isEnospc = (policy: string | undefined): boolean => policy === 'enospc' || policy === 'auto';

/**
 * A compressed write overwrites nothing, and what is cut short in the middle can't be read again: both are EIO, whatever
 * was injected (block/qcow2-cluster.c, qcow2_alloc_compressed_cluster_offset; 7.2).
 */
const compressedFrom = ({ exchanges }: Evidence): Cause => ({
  why: 'other causes',
  from: exchanges.find(({ args }) => JSON.stringify(args).includes('"compress":true'))?.sent ?? nowhere,
});
