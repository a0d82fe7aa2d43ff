import { isJsonObject } from '../../sequence/json-object.ts';
import { hostFactor, lostMsUntil } from '../../trace/host.ts';
import { asPlace, nowhere, opening, type Place } from '../../trace/place.ts';
import type { LackingFact } from '../facts/lacking.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { jobsOf } from '../reading/job-histories.ts';
import { keptWaitingUntilUs } from '../reading/kept-waiting.ts';
import { throttledUntil } from '../reading/throttles.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import type { Cause, WhyUndecided } from '../why-undecided.ts';

const ends: Rule = {
  name: 'hang/guest-request',
  kind: 'hang',
  statement:
    "A guest's request ends while the machine runs, where no job is there, no fault is armed and no limit set; at the latest it ends when QEMU settles: every job has ended, and faults are lifted.",
  source:
    'we expect: the guest waits for its disk without end, so a request that QEMU keeps freezes it; include/block/block-io.h has drained sections end with whoever began them',
};

/** Requests of these disks end in milliseconds; a job that ends lets go of what it held at once. */
const deadlineMs = 5_000;

/** What the guest sees of a hang: the monitor may answer all the while. */
export const guestRequests: RuleFamily = {
  rules: [ends],
  judge(evidence, ledger) {
    const { trace } = evidence;
    const begun = new Map<number, Place>();
    const found: Violation[] = [];
    for (const [at, seen] of trace.entries()) {
      if (seen.kind === 'guest-begin') begun.set(seen.request, at);
      if (seen.kind === 'guest-end') ledger.held(ends);
      if (seen.kind !== 'expired' || seen.what !== 'guest') continue;
      const begin = begun.get(Number(seen.id));
      if (begin === undefined) continue;
      const heldSince = lastObstacle(evidence, begin, at);
      if (heldSince === undefined) {
        ledger.undecided(ends, mayBeFaulty(evidence, at) ? 'held back' : 'too short');
        continue;
      }
      const why = excuse(evidence, begin, at);
      if (why) ledger.undecided(ends, why);
      else found.push(violation(evidence, begin, heldSince, at));
    }
    // One drained section that nobody ends holds all requests: they are one hang.
    return found.slice(0, 1);
  },
};

/**
 * The place from which on nothing was in the request's way, where it stayed so for long enough: no job is left, the
 * machine runs, and QEMU settles, unless there was no fault to be lifted. undefined: it was not given the time.
 */
function lastObstacle(evidence: Evidence, begin: Place, at: Place): Place | undefined {
  const { trace } = evidence;
  const settles = trace.findIndex((seen) => seen.kind === 'phase' && seen.phase === 'settle');
  const isSettling = settles !== -1 && settles < at;
  if (!isSettling && mayBeFaulty(evidence, at)) return undefined;
  const lastOfJobs = Math.max(
    ...jobsBefore(evidence, at).map((life) => life.statuses.at(-1)?.at ?? opening),
    0,
  );
  const lastAnswer = trace.findLastIndex((seen, place) => place < at && seen.kind === 'reply');
  const from = asPlace(Math.max(begin, isSettling ? settles : begin, lastOfJobs, lastAnswer));
  return from < at && (trace[at]?.us ?? 0) - (trace[from]?.us ?? 0) >= limitUs(evidence, at)
    ? from
    : undefined;
}

const limitUs = ({ opened, trace }: Evidence, at: Place): number =>
  1000 * (deadlineMs * hostFactor(opened.roundTripUs) + lostMsUntil(trace, at));

/** A job that came later was in nobody's way. */
const jobsBefore = (evidence: Evidence, at: Place) =>
  jobsOf(evidence).lives.filter((life) => (life.statuses[0]?.at ?? opening) < at);

/**
 * An error may stop a device, and what was stopped by one is set going only when QEMU settles. An error that comes later
 * held nothing: QEMU fails what it kept when it quits.
 */
const mayBeFaulty = ({ trace, opened }: Evidence, at: Place): boolean =>
  opened.sequence.arena.disks.some(
    ({ layers, storage = 'file' }) => layers !== undefined || storage !== 'file',
  ) ||
  trace
    .slice(0, at)
    .some((seen) => seen.kind === 'fault' || (seen.kind === 'event' && seen.name === 'BLOCK_IO_ERROR'));

/** What may keep a request for as long as it likes, or keeps it for a reason of another rule. */
function excuse(evidence: Evidence, begin: Place, at: Place): WhyUndecided | Cause | undefined {
  const { trace, exchanges } = evidence;
  const heldUntilUs = keptWaitingUntilUs(evidence, { since: begin, by: at });
  if ((trace[at]?.us ?? 0) - heldUntilUs < limitUs(evidence, at)) return 'server trouble';
  const { unknown } = disturbancesOf(evidence);
  if (unknown.from < at) return unknown;
  const limitedUntil = throttledUntil(evidence);
  const unlimitedUs = (trace[at]?.us ?? 0) - (trace[limitedUntil]?.us ?? 0);
  const isLimited = limitedUntil >= 0 && (limitedUntil > at || unlimitedUs < limitUs(evidence, at));
  if (isLimited) return 'throttled';
  const isHeldInCommand = trace.slice(0, at).some((seen) => seen.kind === 'expired' && seen.what !== 'guest');
  if (isHeldInCommand || exchanges.some(({ sent, reply }) => sent < at && (reply ?? at) >= at))
    return 'waits behind another';
  const jobLives = jobsBefore(evidence, at).some((life) => life.statuses.at(-1)?.status !== 'null');
  if (jobLives) return 'held back';
  return exchanges.some((exchange) => mayHoldRequests(evidence, exchange, at)) ? 'held back' : undefined;
}

/** What was refused has done nothing; a machine that was stopped goes on with `cont`. */
function mayHoldRequests(evidence: Evidence, exchange: Exchange, at: Place): boolean {
  const { name, args, sent, reply } = exchange;
  if (sent >= at || !holdsRequests.has(name) || replyOf(evidence, exchange)?.error) return false;
  // Limits of throttles end with them (`throttledUntil`).
  if (name === 'qom-set' && isJsonObject(args.value) && 'bps-total' in args.value) return false;
  if (name !== 'stop') return true;
  return !evidence.exchanges.some(
    (other) =>
      other.name === 'cont' &&
      other.sent > (reply ?? nowhere) &&
      other.sent < at &&
      replyOf(evidence, other)?.return !== undefined,
  );
}

/** They stop the machine, or take a device or its export away from the guest; limits end by themselves (`throttledUntil`). */
const holdsRequests: ReadonlySet<string> = new Set([
  'stop',
  'migrate',
  'system_reset',
  'device_del',
  'block-export-del',
  'nbd-server-remove',
  'nbd-server-stop',
  'blockdev-set-active',
  'qom-set',
  'quit',
]);

function violation(evidence: Evidence, begin: Place, heldSince: number, at: Place): Violation {
  const { trace } = evidence;
  const asked = trace[begin];
  const op = asked?.kind === 'guest-begin' ? asked.op.op : 'write';
  const afterMs = Math.round(((trace[at]?.us ?? 0) - (trace[heldSince]?.us ?? 0)) / 1000);
  const facts: LackingFact = {
    shape: 'lacking',
    what: 'guest request',
    op,
    ...inForce(evidence, begin),
    afterMs,
  };
  const step = asked?.kind === 'guest-begin' && asked.step !== undefined ? { step: asked.step } : {};
  return { rule: ends, at, ...step, facts };
}

/** The command that was in force, as far as the trace can say: the last one that changes something before the request. */
function inForce(evidence: Evidence, begin: Place): { since?: { command: string; refused: boolean } } {
  const last = evidence.exchanges.findLast(
    ({ name, sent, step }) => sent < begin && step !== undefined && !/^(query|x-debug)-/.test(name),
  );
  if (!last) return {};
  const reply = replyOf(evidence, last);
  return { since: { command: last.name, refused: reply?.error !== undefined } };
}
