import { isJsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import { opening, type Place } from '../../trace/place.ts';
import type { Wanted } from '../facts/shown.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import { eventsNamed, type JobHistory, jobsOf, stopsOf, who } from '../reading/job-histories.ts';
import { lastBefore } from '../reading/trace-search.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import { lastDone, mayHaveRun } from '../reading/verbs-on.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { errorsMet, isEnospc, possibleErrnos } from './met-errors.ts';

const ioStatus: Rule = {
  name: 'state/io-status',
  kind: 'state',
  statement:
    "A job's io-status is ok until an error stops the job and again once it is resumed. In between it is nospace where that error was a lack of space, else failed.",
  source:
    'qapi/block-core.json (QEMU 10.0), BlockDeviceIoStatus: "The last I/O operation has failed due to a no-space condition"; blockjob.c, block_job_error_action sets it with the action stop, block_job_user_resume takes it back',
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
    'Queries show an error of a concluded job where BLOCK_JOB_COMPLETED named one, and of a cancelled one; none where BLOCK_JOB_COMPLETED named none. (In other words, perhaps: up to 5.2 the event has those of the errno.)',
  source:
    'qapi/job.json (QEMU 10.0), JobInfo: "If this field is present, the job failed; if it is still missing in the CONCLUDED state, this indicates successful completion."; qapi/block-core.json, BlockJobInfo: "Not set if the job completed successfully."',
};

/** What queries show of a job beside its status and its figures. */
export const stateQueryMembers: RuleFamily = {
  rules: [ioStatus, paused, error],
  judge(evidence, ledger) {
    const { unknown } = disturbancesOf(evidence);
    return [...evidence.byReply].flatMap(([at, exchange]): Violation[] => {
      const seen = evidence.trace[at];
      if (exchange.name !== 'query-jobs' && exchange.name !== 'query-block-jobs') return [];
      if (seen?.kind !== 'reply' || !Array.isArray(seen.return)) return [];
      return seen.return.filter(isJsonObject).flatMap((entry) => {
        if (at < unknown.from) return compare(evidence, exchange, at, entry, ledger);
        for (const rule of asked(entry)) ledger.undecided(rule, unknown);
        return [];
      });
    });
  },
};

type Entry = { [key: string]: Json };

/** Which of the rules an entry is a matter of. */
function asked(entry: Entry): Rule[] {
  const concluded = entry.status === 'concluded' ? [error] : [];
  if (typeof entry['io-status'] !== 'string') return concluded;
  return [ioStatus, ...('paused' in entry ? [paused] : []), ...concluded];
}

function compare(
  evidence: Evidence,
  exchange: Exchange,
  at: Place,
  entry: Entry,
  ledger: Ledger,
): Violation[] {
  const id = entry.device ?? entry.id;
  const life = typeof id === 'string' ? jobsOf(evidence).lifeAt(id, at) : undefined;
  if (!life) return [];
  if ((life.entries[0]?.at ?? opening) >= exchange.notBefore) {
    for (const rule of asked(entry)) ledger.undecided(rule, 'race');
    return [];
  }
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
    if (stopped === undefined) ledger.undecided(ioStatus, 'race');
    else if ((stopped === 'no') !== (io === 'ok'))
      found.push(differs(ioStatus, 'io-status', { is: 'io-status', ok: stopped === 'no' }));
    else if (stopped === 'no') ledger.held(ioStatus);
    else {
      const which = stoppedAs(evidence, life, at);
      if (which === undefined) ledger.undecided(ioStatus, 'error unknown');
      else if (which === io) ledger.held(ioStatus);
      else found.push(differs(ioStatus, 'io-status', { is: 'io-status', ok: false, which }));
    }
    const isPaused = stopped === 'yes' || isPausedByUser(evidence, life, exchange, at);
    if (isPaused === undefined) ledger.undecided(paused, 'race');
    else if (isPaused && entry.paused === true) ledger.held(paused);
    else if (isPaused && entry.paused === false) found.push(differs(paused, 'paused', { is: 'paused' }));
  }
  const named = errorNamed(evidence, life, exchange, at);
  if (named === 'unsure') ledger.undecided(error, 'race');
  else if (named !== undefined && (entry.error === undefined) !== (named.text === null))
    found.push(differs(error, 'error', { is: 'error', named: named.text }));
  else if (named !== undefined) ledger.held(error);
  return found;
}

/** Whether an error holds the job when a query is handled; undefined where that can't be told. */
function stoppedBy(
  evidence: Evidence,
  life: JobHistory,
  { notBefore }: Exchange,
  at: Place,
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

/**
 * Whether it was a lack of space that stopped it; undefined where that can't be told. Since the job stands the first error
 * counts: all that stopped it since the last resume have to be of one kind.
 */
function stoppedAs(evidence: Evidence, life: JobHistory, at: Place): 'nospace' | 'failed' | undefined {
  const met = errorsMet(evidence);
  const back = lastDone(evidence, life.id, 'resume', at);
  const kinds = stopsOf(life)
    .filter((stop) => stop.at < at && stop.at > (back?.notBefore ?? opening))
    .map(({ at, data }) => {
      const { onSourceError, onTargetError } = life.options;
      const errnos = possibleErrnos(met, life, at);
      if (!errnos?.has('ENOSPC')) return errnos && 'failed';
      // The policy stops for nothing else.
      const isOnly = errnos.size === 1 || isEnospc(data.operation === 'read' ? onSourceError : onTargetError);
      return isOnly ? 'nospace' : undefined;
    });
  const [first] = kinds;
  return kinds.every((kind) => kind === first) ? first : undefined;
}

/**
 * Between a pause that was accepted and the query nothing has resumed the job, or put an end to it; undefined where
 * something may have.
 */
function isPausedByUser(
  evidence: Evidence,
  life: JobHistory,
  { notBefore }: Exchange,
  at: Place,
): boolean | undefined {
  const pause = lastDone(evidence, life.id, 'pause', notBefore);
  if (!pause || pause.sent <= (life.entries[0]?.at ?? opening)) return false;
  const mayBeOver =
    mayHaveRun(evidence, life.id, ['resume'], pause.notBefore, at) ||
    isEnding(evidence, life, pause.notBefore, at);
  return mayBeOver ? undefined : true;
}

/** A job that is told to end, or ends with others, is woken. */
function isEnding(evidence: Evidence, life: JobHistory, from: Place, at: Place): boolean {
  const last = life.statuses[lastBefore(life.statuses, at, (status) => status.at)];
  const isAlone = life.startedBy !== undefined && evidence.bySent.get(life.startedBy)?.name !== 'transaction';
  const begun = life.entries[0]?.at ?? opening;
  return (
    !isAlone ||
    (last !== undefined && ending.has(last.status)) ||
    disturbancesOf(evidence).endAsked.from < at ||
    mayHaveRun(evidence, life.id, ['cancel', 'complete', 'finalize'], begun > from ? begun : from, at)
  );
}

/** None of these is left for another that is not one of them. */
const ending: ReadonlySet<string> = new Set(['waiting', 'pending', 'aborting', 'concluded', 'null']);

/** In words of the errno ECANCELED, which QEMU gives a job that was cancelled. */
const cancelled = 'Operation canceled';

/** The text, null for none; undefined where the job is not concluded, or said nothing. */
function errorNamed(
  evidence: Evidence,
  life: JobHistory,
  { notBefore }: Exchange,
  at: Place,
): { text: string | null } | 'unsure' | undefined {
  const statuses = jobsOf(evidence).foundWithin(life.id, notBefore, at);
  if (!statuses.includes('concluded')) return undefined;
  if (statuses.length > 1) return 'unsure';
  const [end] = eventsNamed(life, 'BLOCK_JOB_COMPLETED');
  if (!end) return eventsNamed(life, 'BLOCK_JOB_CANCELLED').length > 0 ? { text: cancelled } : undefined;
  return { text: typeof end.data.error === 'string' ? end.data.error : null };
}
