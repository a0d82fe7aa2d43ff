import { mirrorsOntoNode } from '../../model/job-start.ts';
import { asPlace, nowhere, type Place } from '../../trace/place.ts';
import type { Ledger } from '../ledger.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { type JobHistory, jobsOf, who } from '../reading/job-histories.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import type { Cause, WhyUndecided } from '../why-undecided.ts';
import { type Figures, figures } from './progress.ts';
import { copiesFullDisk, isAlone, leastBytesPerSecond, lumpBytes } from './speed.ts';

const between: Rule = {
  name: 'state/speed-between',
  kind: 'state',
  statement:
    'A mirror of a disk full of data that runs with a limit, be it from its start or from a set-speed since, gets on between any two looks at it by no more than the limit allows in that time, and three lumps. Not judged where anything else touched the job or its source.',
  source:
    'qapi/block-core.json (QEMU 10.0), block-job-set-speed: "the maximum speed, in bytes per second, or 0 for unlimited."; lumps, slices and zeroes as for state/speed-limit',
  since: '10.0',
};

/** A slice of the rate limiter is 100 ms; one may have begun before the first look, and one before the second. */
const slackSeconds = 0.3;
/** What was under way when the limit was set, what is copied before it is looked at, and what is done by the second look. */
const lumps = 3;

export const stateSpeedBetween: RuleFamily = {
  rules: [between],
  judge(evidence, ledger) {
    const last = new Map<JobHistory, Figures>();
    return figures(evidence).flatMap((look): Violation[] => {
      const life = jobsOf(evidence).lifeAt(look.id, look.at);
      if (!life || look.event !== undefined) return [];
      const first = last.get(life);
      last.set(life, look);
      return first ? judgeLooks(evidence, life, [first, look], ledger) : [];
    });
  },
};

function judgeLooks(
  evidence: Evidence,
  life: JobHistory,
  [first, second]: [Figures, Figures],
  ledger: Ledger,
): Violation[] {
  const { trace, bySent } = evidence;
  const start = bySent.get(life.startedBy ?? -1);
  if (!start || !mirrorsOntoNode(start.name) || !copiesFullDisk(evidence, start)) return [];
  const limit = limitAt(evidence, life, start, first.from);
  if (!limit || !runsFrom(life, limit.since, second.at)) return [];
  const tookUs = (trace[second.at]?.us ?? 0) - (trace[first.from]?.us ?? 0);
  const perSecond = Math.max(limit.speed, leastBytesPerSecond);
  const lump = Math.max(lumpBytes(start.args), perSecond / 10);
  const mostBytes = Math.ceil(perSecond * (tookUs / 1e6 + slackSeconds) + lumps * lump);
  const bytes = second.offset - first.offset;
  const why = excuse(evidence, start, limit.since, second.at);
  if (why) ledger.undecided(between, why);
  else if (bytes <= mostBytes) ledger.held(between);
  else {
    const what = { is: 'too fast between', bytes, mostBytes, speed: limit.speed } as const;
    const facts = { shape: 'figure', ...who(life), ...what, tookMs: Math.round(tookUs / 1000) } as const;
    return [{ rule: between, at: second.at, facts }];
  }
  return [];
}

/** The limit that is surely in force at that place, and since when; undefined: none, or it can't be told. */
function limitAt(
  { exchanges }: Evidence,
  life: JobHistory,
  start: Exchange,
  at: Place,
): { speed: number; since: Place } | undefined {
  const set = exchanges.findLast(
    ({ name, args, sent }) =>
      name === 'block-job-set-speed' && args.device === life.id && sent > start.sent && sent < at,
  );
  const speed = set ? set.args.speed : life.options.speed;
  const since = (set ?? start).reply ?? nowhere;
  return typeof speed === 'number' && Number.isSafeInteger(speed) && speed > 0 && since <= at
    ? { speed, since }
    : undefined;
}

/** It is running at the first place, and stays so up to the second. */
function runsFrom({ statuses }: JobHistory, from: Place, to: Place): boolean {
  const before = statuses.findLast(({ at }) => at < from);
  return before?.status === 'running' && !statuses.some(({ at }) => at >= from && at < to);
}

/** `since`: from where on the limit is in force. */
function excuse(
  evidence: Evidence,
  start: Exchange,
  since: Place,
  until: Place,
): WhyUndecided | Cause | undefined {
  const { trace, exchanges, hasFreshImages } = evidence;
  if (!hasFreshImages) return "other QEMU's images";
  const { unknown } = disturbancesOf(evidence);
  if (until >= unknown.from) return unknown;
  const isBeside = trace
    .slice(0, until)
    .some(({ kind }) => kind === 'raw-sent' || kind === 'guest-begin' || kind === 'fault');
  const isHurried = exchanges.some(
    (exchange) =>
      exchange.sent < until &&
      (exchange.reply ?? nowhere) > since &&
      exchange.sent > start.sent &&
      /set-speed|pause|resume|change|human-monitor|transaction|snapshot|reopen/.test(exchange.name),
  );
  const wasRefused = exchanges.some(
    (exchange) =>
      exchange.name === 'block-job-set-speed' &&
      exchange.reply === asPlace(since) &&
      replyOf(evidence, exchange)?.error,
  );
  return isBeside || isHurried || wasRefused || !isAlone(evidence, start, until) ? 'touched' : undefined;
}
