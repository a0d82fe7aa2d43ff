import type { Sequence } from '../../sequence/sequence.ts';
import type { FaultStep } from '../../sequence/step.ts';
import { hostFactor, lostMs } from '../../trace/host.ts';
import { asPlace, nowhere, type Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import { armedErrorsOf } from '../reading/armed-errors.ts';
import type { Evidence } from '../reading/evidence.ts';
import { type JobHistory, jobsOf, metError, who } from '../reading/job-histories.ts';
import { keptWaitingUntilUs } from '../reading/kept-waiting.ts';
import { throttledUntil } from '../reading/throttles.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import type { WhyUndecided } from '../why-undecided.ts';

const stalled: Rule = {
  name: 'hang/stalled',
  kind: 'hang',
  statement:
    'A job that nothing holds back gets on: with no speed limit, no pause, no fault and no write in its way it gets ready or done.',
  source:
    'we expect it: jobs copy and then get ready (mirror, active commit) or end; disks of these arenas are copied in milliseconds',
};

/** A seeded disk holds 4 MiB at most, and a full one is judged up to 16; a loaded host copied that in less than a second. */
const largestFullBytes = 16 * 2 ** 20;
const deadlineMs = 5_000;

/** Judged where the sequence itself waited for the job, and waited long enough. */
export const stalledJobs: RuleFamily = {
  rules: [stalled],
  judge(evidence, ledger) {
    const { opened, trace } = evidence;
    if (!trace.some(({ kind }) => kind === 'await')) return [];
    const limitUs = 1000 * (deadlineMs * hostFactor(opened.roundTripUs) + lostMs(trace));
    return trace.flatMap((seen, at): Violation[] => {
      if (seen.kind !== 'await' || seen.outcome === 'moot') return [];
      if (seen.outcome === 'met') {
        if (isForJob(opened.sequence, seen.step)) ledger.held(stalled);
        return [];
      }
      const begin = seen.us - seen.waitedUs;
      const from = asPlace(trace.findLastIndex(({ us }, place) => place < at && us <= begin));
      const heldBack = whyHeldBack(evidence, from, at) ?? (seen.waitedUs < limitUs ? 'too short' : undefined);
      return jobsOf(evidence).lives.flatMap((life): Violation[] => {
        if (!stuckRunning(evidence, life, begin, at)) return [];
        const why = heldBack ?? (copiesOnWrite(evidence, life) ? 'others write' : undefined);
        if (why) {
          ledger.undecided(stalled, why);
          return [];
        }
        const afterMs = Math.round(seen.waitedUs / 1000);
        const facts: Fact = { shape: 'lacking', what: 'progress', ...who(life), afterMs };
        return [{ rule: stalled, at, step: seen.step, facts }];
      });
    });
  },
};

/** A wait for a job, not for an image or a guest's request. */
function isForJob({ steps }: Sequence, index: number): boolean {
  const step = steps[index];
  return step !== undefined && 'await' in step && step.job !== undefined;
}

/** Running since before the wait began, without an error, and never given a speed. */
function stuckRunning({ trace, exchanges }: Evidence, life: JobHistory, beginUs: number, at: Place): boolean {
  const last = life.statuses.findLast((status) => status.at < at);
  if (last?.status !== 'running' || (trace[last.at]?.us ?? 0) > beginUs) return false;
  if (life.options.speed !== 0 || life.options.type === undefined) return false;
  if (metError(life)) return false;
  return !exchanges.some(
    ({ name, args, sent }) =>
      sent < at && /set-speed|pause|cancel/.test(name) && (args.device === life.id || args.id === life.id),
  );
}

/** A backup with sync=none copies what others overwrite, and has nothing else to do. */
const copiesOnWrite = ({ bySent }: Evidence, { startedBy }: JobHistory): boolean =>
  JSON.stringify(bySent.get(startedBy ?? -1)?.args ?? {}).includes('"sync":"none"');

/** Whatever may slow a copy down or stop it while it is waited for; what was over before does not. */
function whyHeldBack(evidence: Evidence, from: Place, to: Place): WhyUndecided | undefined {
  if (hasSlowDisk(evidence)) return 'held back';
  if (throttledUntil(evidence) > from) return 'throttled';
  if (keptWaitingUntilUs(evidence, { since: from, by: to }) > (evidence.trace[from]?.us ?? 0))
    return 'server trouble';
  const isArmed = armedErrorsOf(evidence).all.some((one) => one.from < to && one.over > from);
  if (isArmed || staysInTheWay(evidence, from, to)) return 'held back';
  return isWritten(evidence, from, to) ? 'others write' : undefined;
}

/** Layers fail or slow down requests as long as they are there; and such a disk is not copied in milliseconds. */
const hasSlowDisk = ({ opened }: Evidence): boolean =>
  opened.sequence.arena.disks.some(
    ({ layers = [], servedBy, fill = 'empty', sizeBytes }) =>
      layers.length > 0 ||
      servedBy !== undefined ||
      (fill !== 'empty' && fill !== 'seeded' && sizeBytes > largestFullBytes),
  );

/** Of a line, bytes, another monitor or a property nobody knows when it ends; a transaction ends with its reply. */
function staysInTheWay({ trace, exchanges }: Evidence, from: Place, to: Place): boolean {
  const last = (fault: string) =>
    trace.findLastIndex((seen, at) => at <= from && seen.kind === 'fault' && seen.fault.fault === fault);
  return (
    last('sigstop') > last('sigcont') ||
    trace.some(
      (seen, at) =>
        at < to &&
        (seen.kind === 'raw-sent' ||
          (seen.kind === 'fault' && (at > from || !endsBefore.has(seen.fault.fault)))),
    ) ||
    exchanges.some(
      ({ name, step, sent, reply }) =>
        sent < to &&
        step !== undefined &&
        (/human-monitor|qom-set/.test(name) || (name === 'transaction' && (reply ?? nowhere) > from)),
    )
  );
}

/** What these have begun ends by another of them, or as of errors, limits and servers. */
const endsBefore: ReadonlySet<FaultStep['fault']> = new Set([
  'fill',
  'inject',
  'lift',
  'room',
  'server',
  'sigcont',
  'sigstop',
  'throttle',
  'unthrottle',
]);

/** A request of the guest is under way at some time. */
function isWritten({ trace }: Evidence, from: Place, to: Place): boolean {
  const ended = new Map(trace.flatMap((seen, at) => (seen.kind === 'guest-end' ? [[seen.request, at]] : [])));
  return trace.some(
    (seen, at) => at < to && seen.kind === 'guest-begin' && (ended.get(seen.request) ?? nowhere) > from,
  );
}
