import { jobCommands } from '../../model/job-commands.ts';
import type { JobStatus } from '../../qemu/job-statuses.ts';
import type { OutcomeFact } from '../facts/outcome.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import { replyOf } from '../reading/evidence.ts';
import {
  hidesStatuses,
  type JobEntry,
  type JobHistory,
  jobsOf,
  metError,
  who,
} from '../reading/job-histories.ts';
import { lastBefore } from '../reading/trace-search.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { isEnding } from './transitions.ts';

const unprovoked: Rule = {
  name: 'state/cancelled-unprovoked',
  kind: 'state',
  statement:
    'A job is BLOCK_JOB_CANCELLED only when it, or a job it ends together with, was cancelled or failed, or QEMU ends.',
  source:
    'qapi/block-core.json (QEMU 10.0), BLOCK_JOB_CANCELLED: "Emitted when a block job has been cancelled"; job.c, job_completed_txn_abort',
};
const failedSilently: Rule = {
  name: 'state/failure-named',
  kind: 'state',
  statement:
    'BLOCK_JOB_COMPLETED carries an error when the job aborted, and none when it was pending and concluded.',
  source:
    'qapi/block-core.json (QEMU 10.0), BLOCK_JOB_COMPLETED: "Only present on failure."; job.c, job_update_rc',
};
const completedUnasked: Rule = {
  name: 'state/completed-unasked',
  kind: 'state',
  statement:
    'A mirror or an active commit leaves READY for its end only when it is completed or cancelled, or QEMU ends.',
  source:
    'docs/interop/live-block-operations.rst (QEMU 10.0), Live disk synchronization: "So there are two possible actions to take, after a \'mirror\' job has emitted the event ``BLOCK_JOB_READY``, indicating that the source and target have reached synchronization:"',
};
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

/** How jobs end, against what was asked of them. */
export const stateEndings: RuleFamily = {
  rules: [unprovoked, failedSilently, completedUnasked, forcedCancel, softCancel, earlyCancel],
  judge(evidence) {
    const asked = requestsOf(evidence);
    const { unknownFrom, endAskedFrom } = disturbancesOf(evidence);
    const undecidedFrom = Math.min(unknownFrom, endAskedFrom);
    return jobsOf(evidence).lives.flatMap((life) => judgeLife(life, asked, undecidedFrom, evidence));
  },
};

type Outcome<T = OutcomeFact> = T extends OutcomeFact ? Omit<T, 'shape' | 'job' | 'type'> : never;

type Request = { exchange: Exchange; verb: string; force: boolean; accepted: boolean | undefined };

/** What was asked of each job, by id. */
function requestsOf(evidence: Evidence): Map<string, Request[]> {
  const byId = new Map<string, Request[]>();
  for (const exchange of evidence.exchanges) {
    const command = jobCommands[exchange.name];
    const id = command && exchange.args[command.idArgument];
    if (!command || typeof id !== 'string') continue;
    const reply = replyOf(evidence, exchange);
    const force = command.spelling === 'job' || exchange.args.force === true;
    const request = { exchange, verb: command.verb.name, force, accepted: reply && !reply.error };
    const known = byId.get(id);
    if (known) known.push(request);
    else byId.set(id, [request]);
  }
  return byId;
}

/** The requests that may have been handled between `begin` and `end`: the id may have been another job's before and after. */
function during(requests: readonly Request[], begin: number, end: number): Request[] {
  const last = lastBefore(requests, end, ({ exchange }) => exchange.notBefore);
  let first = last;
  const reachesIn = ({ exchange }: Request): boolean => (exchange.reply ?? Number.POSITIVE_INFINITY) > begin;
  while (first >= 0 && reachesIn(requests[first] as Request)) first--;
  return requests.slice(first + 1, last + 1);
}

function judgeLife(
  life: JobHistory,
  requests: Map<string, Request[]>,
  undecidedFrom: number,
  evidence: Evidence,
): Violation[] {
  const { entries, id, options } = life;
  const began = entries[0]?.at ?? 0;
  const end = entries.find(
    (entry): entry is JobEntry & { kind: 'event' } => entry.kind === 'event' && isEnding(entry.name),
  );
  const found: Violation[] = [];
  const report = (rule: Rule, at: number, what: Outcome): void => {
    found.push({ rule, at, facts: { shape: 'outcome', ...who(life), ...what } });
  };
  const over = end?.at ?? entries.at(-1)?.at ?? 0;
  const mine = during(requests.get(id) ?? [], began, over).filter(({ accepted }) => accepted !== false);
  const left = hidesStatuses(evidence) ? endsReady(entries) : leavesReady(entries);
  if (
    left !== undefined &&
    left < undecidedFrom &&
    (options.type === 'mirror' || options.type === 'commit')
  ) {
    const asked = mine.some(
      ({ verb, exchange }) => (verb === 'complete' || verb === 'cancel') && exchange.sent < left,
    );
    if (!asked) report(completedUnasked, left, { is: 'ended unasked' });
  }
  if (!end || end.at >= undecidedFrom) return found;

  const aborted = entries.some(
    (entry) => entry.kind === 'status' && entry.status === 'aborting' && entry.at < end.at,
  );
  const failed = end.data.error !== undefined;
  const cancelled = end.name === 'BLOCK_JOB_CANCELLED';
  if (!cancelled && aborted !== failed && !hidesStatuses(evidence)) {
    report(failedSilently, end.at, { is: failed ? 'failed without aborting' : 'aborted without failing' });
  }
  const cancels = mine.filter(({ verb, exchange }) => verb === 'cancel' && exchange.sent < end.at);
  if (cancelled && cancels.length === 0 && !options.grouped)
    report(unprovoked, end.at, { is: 'cancelled unasked' });
  if (failed || options.grouped || options.type === undefined) return found;

  const others = mine.filter(({ verb }) => verb === 'complete' || verb === 'finalize');
  const statuses = (request: Request) =>
    jobsOf(evidence).foundWithin(id, request.exchange.notBefore, request.exchange.reply ?? end.at);
  const [first] = cancels;
  if (!first?.accepted || cancels.length !== 1 || others.length > 0) {
    const forcedFirst =
      first?.accepted === true && cancels.every(({ force }) => force) && others.length === 0;
    if (!forcedFirst) return found;
  }
  if (!first) return found;
  const then = statuses(first);
  // A job that needs no completing may have done its work and be waiting for the main loop: then the cancel is still
  // in time on 7.2 and later (job_update_rc looks at it last), but 5.2 may let it complete.
  const beforeEnd = then.every(
    (status) => early.includes(status as JobStatus) || late.includes(status as JobStatus),
  );
  if (!beforeEnd) return found;
  const cancelledWhen = { is: 'cancelled', statuses: then, event: end.name } as const;
  if (first.force && !cancelled) report(forcedCancel, end.at, { ...cancelledWhen, how: 'forced' });
  if (first.force) return found;
  if (then.every((status) => late.includes(status as JobStatus)) && cancelled && !metError(life)) {
    report(softCancel, end.at, { ...cancelledWhen, how: 'soft' });
  }
  if (then.every((status) => early.includes(status as JobStatus)) && !cancelled) {
    report(earlyCancel, end.at, { ...cancelledWhen, how: 'early' });
  }
  return found;
}

const early: readonly JobStatus[] = ['created', 'running', 'paused'];
const late: readonly JobStatus[] = ['ready', 'standby'];

/** Where a job goes from READY to waiting. */
function leavesReady(entries: readonly JobEntry[]): number | undefined {
  let last: JobStatus | undefined;
  for (const entry of entries) {
    if (entry.kind !== 'status') continue;
    if (last === 'ready' && entry.status === 'waiting') return entry.at;
    last = entry.status;
  }
  return undefined;
}

/** Where statuses are not told: where a job that is READY ends without an error. */
function endsReady(entries: readonly JobEntry[]): number | undefined {
  const events = entries.filter((entry) => entry.kind === 'event');
  const isReady = events.some(({ name }) => name === 'BLOCK_JOB_READY');
  return events.find(
    ({ name, data }) => isReady && name === 'BLOCK_JOB_COMPLETED' && data.error === undefined,
  )?.at;
}
