import { jobCommands } from '../../model/job-commands.ts';
import type { JobStatus } from '../../qemu/job-statuses.ts';
import { nowhere, opening, type Place } from '../../trace/place.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence } from '../reading/evidence.ts';
import { replyOf } from '../reading/evidence.ts';
import { hidesStatuses, type JobEntry, type JobHistory, jobsOf, who } from '../reading/job-histories.ts';
import { lastBefore } from '../reading/trace-search.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { cancelRules, type Ended, judgeCancel, type Request, type Rules } from './cancels.ts';
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

/** How jobs end, against what was asked of them. */
export const stateEndings: RuleFamily = {
  rules: [unprovoked, failedSilently, completedUnasked, ...cancelRules],
  judge(evidence, ledger) {
    const asked = requestsOf(evidence);
    return jobsOf(evidence).lives.flatMap((life) => judgeLife(life, asked, evidence, ledger));
  },
};

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
function during(requests: readonly Request[], begin: Place, end: Place): Request[] {
  const last = lastBefore(requests, end, ({ exchange }) => exchange.notBefore);
  let first = last;
  const reachesIn = ({ exchange }: Request): boolean => (exchange.reply ?? nowhere) > begin;
  while (first >= 0 && reachesIn(requests[first] as Request)) first--;
  return requests.slice(first + 1, last + 1);
}

function judgeLife(
  life: JobHistory,
  requests: Map<string, Request[]>,
  evidence: Evidence,
  ledger: Ledger,
): Violation[] {
  const { entries, id } = life;
  const end = entries.find((entry): entry is Ended => entry.kind === 'event' && isEnding(entry.name));
  const found: Violation[] = [];
  const rule: Rules = {
    ...ledger,
    broken: (rule, at, what) =>
      void found.push({ rule, at, facts: { shape: 'outcome', ...who(life), ...what } }),
  };
  const over = end?.at ?? entries.at(-1)?.at ?? opening;
  const mine = during(requests.get(id) ?? [], entries[0]?.at ?? opening, over).filter(
    ({ accepted }) => accepted !== false,
  );
  leavingReady(evidence, life, mine, rule);
  if (end) ending(evidence, life, mine, end, rule);
  return found;
}

/** What ends READY was asked for. */
function leavingReady(evidence: Evidence, life: JobHistory, mine: readonly Request[], rule: Rules): void {
  const { entries, options } = life;
  const left = hidesStatuses(evidence) ? endsReady(entries) : leavesReady(entries);
  if (left === undefined) return;
  const { either } = disturbancesOf(evidence);
  if (left >= either.from) rule.undecided(completedUnasked, either);
  else if (options.type === undefined) rule.undecided(completedUnasked, 'start unseen');
  else if (options.type === 'mirror' || options.type === 'commit') {
    const asked = mine.some(
      ({ verb, exchange }) => (verb === 'complete' || verb === 'cancel') && exchange.sent < left,
    );
    if (asked) rule.held(completedUnasked);
    else rule.broken(completedUnasked, left, { is: 'ended unasked' });
  }
}

function ending(
  evidence: Evidence,
  life: JobHistory,
  mine: readonly Request[],
  end: Ended,
  rule: Rules,
): void {
  const { entries, options } = life;
  const { either } = disturbancesOf(evidence);
  const isKnown = end.at < either.from;
  const failed = end.data.error !== undefined;
  const cancelled = end.name === 'BLOCK_JOB_CANCELLED';
  const cancels = mine.filter(({ verb, exchange }) => verb === 'cancel' && exchange.sent < end.at);
  if (cancelled) {
    if (!isKnown) rule.undecided(unprovoked, either);
    else if (evidence.isRetoldAcrossRestart) rule.undecided(unprovoked, 'dialect across a restart');
    else if (cancels.length > 0) rule.held(unprovoked);
    else if (options.grouped) rule.undecided(unprovoked, 'grouped');
    else rule.broken(unprovoked, end.at, { is: 'cancelled unasked' });
  } else if (hidesStatuses(evidence)) rule.undecided(failedSilently, 'dialect');
  else if (!isKnown) rule.undecided(failedSilently, either);
  else {
    const aborted = entries.some(
      (entry) => entry.kind === 'status' && entry.status === 'aborting' && entry.at < end.at,
    );
    if (aborted === failed) rule.held(failedSilently);
    else
      rule.broken(failedSilently, end.at, {
        is: failed ? 'failed without aborting' : 'aborted without failing',
      });
  }
  const [first] = cancels;
  if (first) judgeCancel(evidence, life, { first, cancels, mine, end, isKnown, cancelled }, rule);
}

/** Where a job goes from READY to waiting. */
function leavesReady(entries: readonly JobEntry[]): Place | undefined {
  let last: JobStatus | undefined;
  for (const entry of entries) {
    if (entry.kind !== 'status') continue;
    if (last === 'ready' && entry.status === 'waiting') return entry.at;
    last = entry.status;
  }
  return undefined;
}

/** Where statuses are not told: where a job that is READY ends without an error. */
function endsReady(entries: readonly JobEntry[]): Place | undefined {
  const events = entries.filter((entry) => entry.kind === 'event');
  const isReady = events.some(({ name }) => name === 'BLOCK_JOB_READY');
  return events.find(
    ({ name, data }) => isReady && name === 'BLOCK_JOB_COMPLETED' && data.error === undefined,
  )?.at;
}
