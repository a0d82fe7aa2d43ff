import type { StatusOrAbsent } from '../../model/job-machine.ts';
import type { Place } from '../../trace/place.ts';
import type { OutcomeFact } from '../facts/outcome.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import { type JobEntry, type JobHistory, jobsOf, metError } from '../reading/job-histories.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule } from '../rule.ts';
import type { Cause, WhyUndecided } from '../why-undecided.ts';

const forcedCancel: Rule = {
  name: 'state/forced-cancel-cancels',
  kind: 'state',
  statement: 'A forced cancel that was accepted before the job began to finish ends in BLOCK_JOB_CANCELLED.',
  source:
    'qapi/block-core.json (QEMU 10.0), block-job-cancel: "If true, and the job has already emitted the event BLOCK_JOB_READY, abandon the job immediately (even if it is paused) instead of waiting for the destination to complete its final synchronization (since 1.3)"; job.c, job_cancel_async; 5.2 may complete a READY job all the same (by experiment)',
  since: '7.2',
};
const softCancel: Rule = {
  name: 'state/soft-cancel-completes',
  kind: 'state',
  statement:
    'A READY job that is cancelled without force, and nothing else, ends in BLOCK_JOB_COMPLETED. Not judged where a request of the job failed.',
  source:
    'docs/interop/live-block-operations.rst (QEMU 10.0), Live disk synchronization: "However, note that if you cancel a \'mirror\' job *after* it has indicated (via the event ``BLOCK_JOB_READY``) that the source and target have reached synchronization, then the event emitted by ``block-job-cancel`` changes to ``BLOCK_JOB_COMPLETED``."',
};
const earlyCancel: Rule = {
  name: 'state/early-cancel-cancels',
  kind: 'state',
  statement: 'A job that is cancelled before it is ready ends in BLOCK_JOB_CANCELLED, or fails.',
  source:
    'docs/interop/live-block-operations.rst (QEMU 10.0), Live disk synchronization: "When you cancel an in-progress \'mirror\' job *before* the source and target are synchronized, ``block-job-cancel`` will emit the event ``BLOCK_JOB_CANCELLED``."',
  since: '7.2',
};

export const cancelRules: readonly Rule[] = [forcedCancel, softCancel, earlyCancel];

/** What was asked of a job. */
export type Request = { exchange: Exchange; verb: string; force: boolean; accepted: boolean | undefined };

/** The event that a job ends with. */
export type Ended = JobEntry & { kind: 'event' };

/** Takes down what rules say of one job. */
export type Rules = Ledger & { broken(rule: Rule, at: Place, what: Outcome): void };

type Outcome<T = OutcomeFact> = T extends OutcomeFact ? Omit<T, 'shape' | 'job' | 'type'> : never;

type Cancelled = {
  first: Request;
  cancels: readonly Request[];
  mine: readonly Request[];
  end: Ended;
  isKnown: boolean;
  cancelled: boolean;
};

/** How a job ends that was cancelled, by the statuses in which the first cancel may have found it. */
export function judgeCancel(
  evidence: Evidence,
  life: JobHistory,
  { first, cancels, mine, end, isKnown, cancelled }: Cancelled,
  rule: Rules,
): void {
  const then = jobsOf(evidence).foundWithin(
    life.id,
    first.exchange.notBefore,
    first.exchange.reply ?? end.at,
  );
  const which = ruleOfCancel(first, then);
  if (which === undefined) return;
  const why = whyUndecided(evidence, { life, first, cancels, mine, end, isKnown, then });
  if (why) {
    rule.undecided(which, why);
    return;
  }
  const cancelledWhen = { is: 'cancelled', statuses: then, event: end.name } as const;
  if (which === forcedCancel) {
    if (cancelled) rule.held(which);
    else rule.broken(which, end.at, { ...cancelledWhen, how: 'forced' });
  } else if (!then.every(isLate) && !then.every(isEarly)) rule.undecided(which, 'race');
  else if (which === softCancel) {
    if (!cancelled) rule.held(which);
    else if (metError(life)) rule.undecided(which, 'error met');
    else rule.broken(which, end.at, { ...cancelledWhen, how: 'soft' });
  } else if (cancelled) rule.held(which);
  else rule.broken(which, end.at, { ...cancelledWhen, how: 'early' });
}

type CancelSeen = Omit<Cancelled, 'cancelled'> & { life: JobHistory; then: readonly StatusOrAbsent[] };

/** Why nothing can be said of how a cancelled job ends. */
function whyUndecided(
  evidence: Evidence,
  { life, first, cancels, mine, end, isKnown, then }: CancelSeen,
): WhyUndecided | Cause | undefined {
  if (!isKnown) return disturbancesOf(evidence).either;
  if (life.options.type === undefined) return 'start unseen';
  if (life.options.grouped) return 'grouped';
  if (end.data.error !== undefined) return 'error met';
  if (first.accepted !== true) return 'unanswered';
  const others = mine.filter(({ verb }) => verb === 'complete' || verb === 'finalize');
  const isAlone = cancels.length === 1 || cancels.every(({ force }) => force);
  if (others.length > 0 || !isAlone) return 'several requests';
  // A job that needs no completing may have done its work and be waiting for the main loop: then the cancel is still
  // in time on 7.2 and later (job_update_rc looks at it last), but 5.2 may let it complete.
  return then.every((status) => isEarly(status) || isLate(status)) ? undefined : 'race';
}

/** The rule that a cancel is a matter of; undefined where the job was past all of them. */
function ruleOfCancel({ force }: Request, then: readonly StatusOrAbsent[]): Rule | undefined {
  if (!then.some((status) => isEarly(status) || isLate(status))) return undefined;
  if (force) return forcedCancel;
  return then.some(isLate) ? softCancel : earlyCancel;
}

const isEarly = (status: StatusOrAbsent): boolean =>
  status === 'created' || status === 'running' || status === 'paused';
const isLate = (status: StatusOrAbsent): boolean => status === 'ready' || status === 'standby';
