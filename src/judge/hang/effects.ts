import type { VerbName } from '../../qemu/cards.ts';
import type { JobStatus } from '../../qemu/job-statuses.ts';
import { hostFactor, lostMs } from '../../trace/host.ts';
import { asPlace, nowhere, type Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import type { Ledger } from '../ledger.ts';
import { errorsOver } from '../reading/errors-over.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { hidesStatuses, type JobHistory, jobsOf, metError, who } from '../reading/job-histories.ts';
import { concernsJob, keptWaitingUntilUs } from '../reading/kept-waiting.ts';
import { throttledUntil } from '../reading/throttles.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import { lastDone, mayHaveRun } from '../reading/verbs-on.ts';
import { mayBeWritten } from '../reading/writers-beside.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import type { Cause, WhyUndecided } from '../why-undecided.ts';
import { lastAlone } from './alone.ts';

const pauses: Rule = {
  name: 'hang/pause',
  kind: 'hang',
  statement: 'A job that was told to pause, and nothing else, leaves running or READY within two seconds.',
  source:
    'qapi/job.json (QEMU 10.0), job-pause: "The job will pause as soon as possible, which means transitioning into the PAUSED state if it was RUNNING, or into STANDBY if it was READY."; bounded by measurement: milliseconds. 5.2 sleeps off its rate limit first',
  since: '7.2',
};
const cancels: Rule = {
  name: 'hang/cancel',
  kind: 'hang',
  statement:
    'A job that was cancelled by force, and told nothing else, begins to end within two seconds, whatever its limit and though it is paused.',
  source:
    'qapi/job.json (QEMU 10.0), job-cancel: "The job will cancel as soon as possible and then emit a JOB_STATUS_CHANGE event."; bounded by measurement: milliseconds. 5.2 waits for flushes, pauses and rate limits',
  since: '7.2',
};
const completes: Rule = {
  name: 'hang/complete',
  kind: 'hang',
  statement:
    'A READY job without a limit or a pause that was asked to complete, or to stop without force, begins to end within two seconds, unless it may meet an error or someone writes.',
  source:
    'qapi/job.json (QEMU 10.0), job-complete: "Manually trigger completion of an active job in the READY state."; bounded by measurement: milliseconds',
};

/** What takes a main-loop turn or the requests in flight; scaled by the host. */
const deadlineMs = 2_000;

/** Scaled by the host. */
export const limitMs = ({ opened, trace }: Evidence): number =>
  deadlineMs * hostFactor(opened.roundTripUs) + lostMs(trace);

type Effect = { rule: Rule; from: ReadonlySet<JobStatus>; to: ReadonlySet<JobStatus> };

const ending = ['waiting', 'pending', 'aborting', 'concluded', 'null'] as const;
const pause: Effect = {
  rule: pauses,
  from: new Set(['running', 'ready']),
  to: new Set(['paused', 'standby', ...ending]),
};
const cancel: Effect = {
  rule: cancels,
  from: new Set(['running', 'ready', 'paused', 'standby', 'pending']),
  to: new Set(ending),
};
const complete: Effect = { rule: completes, from: new Set(['ready']), to: new Set(ending) };

/** That verbs do in bounded time what their acceptance announces, each where nothing else came that may do it. */
export const effects: RuleFamily = {
  rules: [pauses, cancels, completes],
  judge(evidence, ledger) {
    if (hidesStatuses(evidence)) return [];
    return evidence.exchanges.flatMap((exchange): Violation[] => {
      const effect = effectOf(exchange);
      if (!effect || exchange.reply === undefined || replyOf(evidence, exchange)?.error) return [];
      const id = exchange.args.id ?? exchange.args.device;
      const life = typeof id === 'string' ? jobsOf(evidence).lifeAt(id, exchange.reply) : undefined;
      return life ? judgeEffect(evidence, { exchange, life, effect, reply: exchange.reply }, ledger) : [];
    });
  },
};

function effectOf({ name, args }: Exchange): Effect | undefined {
  switch (name) {
    case 'job-pause':
    case 'block-job-pause':
      return pause;
    case 'job-cancel':
      return cancel;
    case 'block-job-cancel':
      return args.force === true ? cancel : complete;
    case 'job-complete':
    case 'block-job-complete':
      return complete;
    default:
      return undefined;
  }
}

type Asked = { exchange: Exchange; life: JobHistory; effect: Effect; reply: Place };

function judgeEffect(evidence: Evidence, asked: Asked, ledger: Ledger): Violation[] {
  const { exchange, life, effect, reply } = asked;
  const { trace } = evidence;
  const { rule } = effect;
  const came = life.statuses.find(({ at, status }) => at > exchange.notBefore && effect.to.has(status));
  const before = life.statuses.findLast(({ at }) => at < (came?.at ?? reply));
  if (!before || (!came && !effect.from.has(before.status)) || isPast(life, exchange.notBefore)) return [];
  if (came && came.at < reply) {
    ledger.held(rule);
    return [];
  }
  const until = lastAlone(evidence, life, reply, came?.at ?? asPlace(trace.length));
  const waitedMs = ((trace[until]?.us ?? 0) - (trace[reply]?.us ?? 0)) / 1000;
  if (waitedMs < limitMs(evidence)) {
    if (came && until === came.at) ledger.held(rule);
    else ledger.undecided(rule, until < trace.length - 1 ? 'held back' : 'trace ends');
    return [];
  }
  const why = excuse(evidence, asked, until) ?? waitsForServer(evidence, asked, until);
  if (why) {
    ledger.undecided(rule, why);
    return [];
  }
  const facts: Fact = {
    shape: 'lacking',
    what: 'effect',
    ...who(life),
    verb: verbOf(effect, exchange),
    status: before.status,
    afterMs: Math.round(waitedMs),
  };
  return [{ rule, at: until, ...(exchange.step === undefined ? {} : { step: exchange.step }), facts }];
}

function verbOf({ rule }: Effect, { name }: Exchange): VerbName {
  if (rule === pauses) return 'pause';
  return rule === completes && name !== 'block-job-cancel' ? 'complete' : 'cancel';
}

/** It was at its end when it was told. */
const isPast = ({ statuses }: JobHistory, by: Place): boolean => {
  const last = statuses.findLast(({ at }) => at <= by)?.status;
  return last === 'waiting' || last === 'aborting' || last === 'concluded' || last === 'null';
};

/** A server may have kept it for so long that it had not its time after that. */
function waitsForServer(
  evidence: Evidence,
  { exchange, life, effect, reply }: Asked,
  until: Place,
): WhyUndecided | undefined {
  const { trace } = evidence;
  const heldUntilUs = keptWaitingUntilUs(evidence, {
    since: exchange.sent,
    by: until,
    concerns: concernsJob(evidence, life, until),
    ...(effect === cancel ? letsGoOf(evidence, life) : {}),
  });
  const freeUs = Math.max(trace[reply]?.us ?? 0, heldUntilUs);
  return ((trace[until]?.us ?? 0) - freeUs) / 1000 < limitMs(evidence) ? 'server trouble' : undefined;
}

/**
 * The target of a mirror or backup, whose requests a cancel by force need not wait for. Only raw passes that on to the client
 * below it (block/raw-format.c, raw_cancel_in_flight).
 */
function letsGoOf(
  { bySent, opened }: Evidence,
  { startedBy, options: { type } }: JobHistory,
): { letsGoOf?: string } {
  const target = bySent.get(startedBy ?? -1)?.args.target;
  const disk = opened.sequence.arena.disks.find(({ name }) => name === target);
  const isPassedOn = disk?.format === 'raw' && disk.layers === undefined;
  return isPassedOn && (type === 'mirror' || type === 'backup') ? { letsGoOf: disk.name } : {};
}

function excuse(
  evidence: Evidence,
  { exchange, life, effect, reply }: Asked,
  until: Place,
): WhyUndecided | Cause | undefined {
  const { either } = disturbancesOf(evidence);
  if (either.from < until) return either;
  if (throttledUntil(evidence) > reply) return 'throttled';
  if (life.options.type === undefined) return 'start unseen';
  if (life.options.grouped) return 'grouped';
  if (effect !== complete) return undefined;
  if (metError(life) && !errorsOver(evidence, life, reply, until)) return 'error met';
  if (mayBeWritten(evidence, life, life.entries[0]?.at ?? reply, until)) return 'others write';
  if (mayBePaused(evidence, life, exchange)) return 'held back';
  return isLimited(evidence, life, reply) ? 'held back' : undefined;
}

/** A pause that is not undone keeps it from completing, though it has not come into force. */
const mayBePaused = (evidence: Evidence, { id, statuses }: JobHistory, { notBefore }: Exchange): boolean =>
  mayHaveRun(evidence, id, ['pause'], statuses[0]?.at ?? notBefore, nowhere);

/** 0, or the last set-speed that was accepted said 0: what is left to copy is copied at once. */
export function isLimited(evidence: Evidence, life: JobHistory, by: Place): boolean {
  const set = lastDone(evidence, life.id, 'set-speed', by);
  const isOfThisLife = set !== undefined && set.sent > (life.startedBy ?? 0);
  return (isOfThisLife ? set.args.speed : life.options.speed) !== 0;
}
