import { isJsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import type { Wanted } from '../facts/shown.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import { eventsNamed, type JobHistory, jobsOf, stopsOf, who } from '../reading/job-histories.ts';
import { lastBefore } from '../reading/trace-search.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import { lastDone, mayHaveRun } from '../reading/verbs-on.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';

const ioStatus: Rule = {
  name: 'state/io-status',
  kind: 'state',
  statement:
    "A job's io-status is ok until an error stops the job and again once it is resumed, and failed or nospace in between.",
  source:
    'qapi/block-core.json (QEMU 10.0), BlockJobInfo: "the status of the job (since 1.3)"; blockjob.c, block_job_error_action sets it with the action stop, block_job_user_resume takes it back',
};
const paused: Rule = {
  name: 'state/query-paused',
  kind: 'state',
  statement: 'A job that was paused, by its user or by an error, and not resumed, is shown as paused.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockJobInfo: "whether the job is paused or, if @busy is true, will pause itself as soon as possible."; job.c, job_user_pause, job_cancel_async',
};
const error: Rule = {
  name: 'state/query-error',
  kind: 'state',
  statement:
    'query-jobs shows an error of a concluded job where BLOCK_JOB_COMPLETED named one, and none where it named none. (In other words, perhaps: up to 5.2 the event has those of the errno.)',
  source:
    'qapi/job.json (QEMU 10.0), JobInfo: "If this field is present, the job failed; if it is still missing in the CONCLUDED state, this indicates successful completion."',
};

/** What queries show of a job beside its status and its figures. */
export const stateQueryMembers: RuleFamily = {
  rules: [ioStatus, paused, error],
  judge(evidence) {
    const { unknownFrom } = disturbancesOf(evidence);
    return [...evidence.byReply].flatMap(([at, exchange]): Violation[] => {
      const seen = evidence.trace[at];
      if (exchange.name !== 'query-jobs' && exchange.name !== 'query-block-jobs') return [];
      if (at >= unknownFrom || seen?.kind !== 'reply' || !Array.isArray(seen.return)) return [];
      return seen.return.filter(isJsonObject).flatMap((entry) => compare(evidence, exchange, at, entry));
    });
  },
};

type Entry = { [key: string]: Json };

function compare(evidence: Evidence, exchange: Exchange, at: number, entry: Entry): Violation[] {
  const id = entry.device ?? entry.id;
  const life = typeof id === 'string' ? jobsOf(evidence).lifeAt(id, at) : undefined;
  if (!life || (life.entries[0]?.at ?? 0) >= exchange.notBefore) return [];
  const { step } = exchange;
  const differs = (rule: Rule, member: string, wanted: Wanted): Violation => ({
    rule,
    at,
    ...(step === undefined ? {} : { step }),
    facts: {
      shape: 'shown',
      query: exchange.name,
      what: 'member',
      ...who(life),
      member,
      value: entry[member] ?? null,
      wanted,
    },
  });
  const found: Violation[] = [];
  const io = entry['io-status'];
  if (typeof io === 'string') {
    const stopped = stoppedBy(evidence, life, exchange, at);
    if (stopped === 'no' && io !== 'ok')
      found.push(differs(ioStatus, 'io-status', { is: 'io-status', ok: true }));
    if (stopped === 'yes' && io === 'ok')
      found.push(differs(ioStatus, 'io-status', { is: 'io-status', ok: false }));
    if (entry.paused === false && (stopped === 'yes' || isPausedByUser(evidence, life, exchange, at)))
      found.push(differs(paused, 'paused', { is: 'paused' }));
  }
  const named = exchange.name === 'query-jobs' ? errorNamed(evidence, life, exchange, at) : undefined;
  if (named !== undefined && (entry.error === undefined) !== (named === null))
    found.push(differs(error, 'error', { is: 'error', named }));
  return found;
}

/** Whether an error holds the job when a query is handled; undefined where that can't be told. */
function stoppedBy(
  evidence: Evidence,
  life: JobHistory,
  { notBefore }: Exchange,
  at: number,
): 'yes' | 'no' | undefined {
  const last = stopsOf(life).findLast((stop) => stop.at < at);
  if (!last) return 'no';
  const back = lastDone(evidence, life.id, 'resume', notBefore);
  if (back && last.at < back.notBefore) return 'no';
  // An error in an iothread is told of before the job is stopped. What is over, or about to be, is no longer held.
  const inMainLoop = (evidence.opened.sequence.arena.iothreads ?? []).length === 0;
  const resumed =
    mayHaveRun(evidence, life.id, ['resume'], last.at, at) || isEnding(evidence, life, last.at, at);
  return last.at < notBefore && inMainLoop && !resumed ? 'yes' : undefined;
}

/** Between a pause that was accepted and the query nothing has resumed the job, or put an end to it. */
function isPausedByUser(evidence: Evidence, life: JobHistory, { notBefore }: Exchange, at: number): boolean {
  const pause = lastDone(evidence, life.id, 'pause', notBefore);
  if (!pause || pause.sent <= (life.entries[0]?.at ?? 0)) return false;
  return (
    !mayHaveRun(evidence, life.id, ['resume'], pause.notBefore, at) &&
    !isEnding(evidence, life, pause.notBefore, at)
  );
}

/** A job that is told to end, or ends with others, is woken. */
function isEnding(evidence: Evidence, life: JobHistory, from: number, at: number): boolean {
  const last = life.statuses[lastBefore(life.statuses, at, (status) => status.at)];
  const isAlone = life.startedBy !== undefined && evidence.bySent.get(life.startedBy)?.name !== 'transaction';
  const begun = life.entries[0]?.at ?? 0;
  return (
    !isAlone ||
    (last !== undefined && ending.has(last.status)) ||
    disturbancesOf(evidence).endAskedFrom < at ||
    mayHaveRun(evidence, life.id, ['cancel', 'complete', 'finalize'], Math.max(begun, from), at)
  );
}

/** None of these is left for another that is not one of them. */
const ending: ReadonlySet<string> = new Set(['waiting', 'pending', 'aborting', 'concluded', 'null']);

/** The text, null for none, undefined where the job is not surely concluded, or said nothing. */
function errorNamed(
  evidence: Evidence,
  life: JobHistory,
  { notBefore }: Exchange,
  at: number,
): string | null | undefined {
  if (
    jobsOf(evidence)
      .foundWithin(life.id, notBefore, at)
      .some((status) => status !== 'concluded')
  )
    return undefined;
  const [end] = eventsNamed(life, 'BLOCK_JOB_COMPLETED');
  if (!end) return undefined;
  return typeof end.data.error === 'string' ? end.data.error : null;
}
