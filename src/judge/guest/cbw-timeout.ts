import { hostFactor, lostMs } from '../../trace/host.ts';
import { nowhere, type Place } from '../../trace/place.ts';
import type { LackingFact } from '../facts/lacking.ts';
import type { Ledger } from '../ledger.ts';
import { armedErrorsOf } from '../reading/armed-errors.ts';
import type { Evidence } from '../reading/evidence.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { type Filter, filterOf, isQuiet, type Request, writesOf } from './cbw-filter.ts';

const inTime: Rule = {
  name: 'hang/cbw-timeout',
  kind: 'hang',
  statement:
    "A guest's write through a copy-before-write filter with a cbw-timeout ends within two seconds more than that, however slow the filter's target is. Judged where the disk itself has neither limits nor errors.",
  source:
    'qapi/block-core.json (QEMU 10.0), BlockdevOptionsCbw: "When a timeout occurs, the respective copy-before-write operation will fail, and the @on-cbw-error parameter will decide how this failure is handled."; either way the guest has its answer',
  since: '7.2',
};

/** What a write takes by itself; scaled by the host. */
const slackMs = 2_000;

/** A slow target of a filter does not hold the guest for longer than its timeout says. */
export const cbwTimeouts: RuleFamily = {
  rules: [inTime],
  judge(evidence, ledger) {
    const filter = filterOf(evidence.opened.sequence.arena);
    if (!filter || filter.timeoutSeconds === 0 || !isQuiet(evidence)) return [];
    const slowFrom = throttledFrom(evidence, filter.target.name);
    if (slowFrom === nowhere || isSlowItself(evidence, filter)) return [];
    const late = requestsOf(evidence, filter).flatMap((request) =>
      request.end < slowFrom ? [] : judgeRequest(evidence, filter, request, ledger),
    );
    // One write that nobody lets go of holds those behind it.
    return late.slice(0, 1);
  },
};

type Ended = Pick<Request, 'asked' | 'begin' | 'end'>;

/** Those that ended, and those that were given up. */
function requestsOf(evidence: Evidence, { source }: Filter): Ended[] {
  const { trace } = evidence;
  const ended = writesOf(evidence, source.name);
  const over = new Set(ended.map(({ asked }) => asked.request));
  const given = trace.flatMap((seen, at): Ended[] => {
    if (seen.kind !== 'expired' || seen.what !== 'guest') return [];
    const begin = trace.findIndex((each) => each.kind === 'guest-begin' && each.request === Number(seen.id));
    const asked = trace[begin];
    if (asked?.kind !== 'guest-begin' || asked.disk !== source.name || over.has(asked.request)) return [];
    return asked.op.op === 'write' || asked.op.op === 'zero' ? [{ asked, begin, end: at }] : [];
  });
  return [...ended, ...given];
}

function judgeRequest(
  evidence: Evidence,
  { timeoutSeconds }: Filter,
  { asked, begin, end }: Ended,
  ledger: Ledger,
): Violation[] {
  const { trace, opened } = evidence;
  const tookMs = ((trace[end]?.us ?? 0) - (trace[begin]?.us ?? 0)) / 1000;
  const limitMs = timeoutSeconds * 1000 + slackMs * hostFactor(opened.roundTripUs) + lostMs(trace);
  const cause = disturbancesOf(evidence).either;
  if (tookMs < limitMs && trace[end]?.kind === 'guest-end') ledger.held(inTime);
  else if (tookMs < limitMs) ledger.undecided(inTime, 'too short');
  else if (cause.from < end) ledger.undecided(inTime, cause);
  else {
    const facts: LackingFact = {
      shape: 'lacking',
      what: 'end of saving',
      op: asked.op.op,
      timeoutMs: timeoutSeconds * 1000,
      afterMs: Math.round(tookMs),
    };
    return [{ rule: inTime, at: end, ...(asked.step === undefined ? {} : { step: asked.step }), facts }];
  }
  return [];
}

const throttledFrom = ({ trace }: Evidence, disk: string): Place => {
  const at = trace.findIndex(
    (seen) => seen.kind === 'fault' && seen.fault.fault === 'throttle' && seen.fault.disk === disk,
  );
  return at < 0 ? nowhere : at;
};

/** Something other than the target may hold a write, too. */
function isSlowItself(evidence: Evidence, { source, target }: Filter): boolean {
  const { trace } = evidence;
  return (
    (source.storage ?? 'file') !== 'file' ||
    armedErrorsOf(evidence).all.some(({ disk }) => disk !== target.name) ||
    trace.some((seen) => seen.kind === 'fault' && 'disk' in seen.fault && seen.fault.disk !== target.name)
  );
}
