import type { Sequence } from '../../sequence/sequence.ts';
import { hostFactor, lostMs } from '../../trace/host.ts';
import type { Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import type { Evidence } from '../reading/evidence.ts';
import { type JobHistory, jobsOf, metError, who } from '../reading/job-histories.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';

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
    const heldBack = isHeldBack(evidence);
    const limitUs = 1000 * (deadlineMs * hostFactor(opened.roundTripUs) + lostMs(trace));
    return trace.flatMap((seen, at): Violation[] => {
      if (seen.kind !== 'await' || seen.outcome === 'moot') return [];
      if (seen.outcome === 'met') {
        if (isForJob(opened.sequence, seen.step)) ledger.held(stalled);
        return [];
      }
      const begin = seen.us - seen.waitedUs;
      const why = heldBack ? 'held back' : seen.waitedUs < limitUs ? 'too short' : undefined;
      return jobsOf(evidence).lives.flatMap((life): Violation[] => {
        if (!stuckRunning(evidence, life, begin, at)) return [];
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

/** Whatever may slow a copy down or stop it: layers, faults, a guest that writes, commands the model does not follow. */
function isHeldBack({ opened, trace }: Evidence): boolean {
  const { disks } = opened.sequence.arena;
  if (disks.some(({ layers, servedBy }) => (layers ?? []).length > 0 || servedBy !== undefined)) return true;
  if (
    disks.some(
      ({ fill, sizeBytes }) =>
        fill !== 'empty' && fill !== 'seeded' && fill !== undefined && sizeBytes > largestFullBytes,
    )
  )
    return true;
  return trace.some(
    (seen) =>
      seen.kind === 'fault' ||
      seen.kind === 'raw-sent' ||
      seen.kind === 'guest-begin' ||
      (seen.kind === 'command' &&
        seen.step !== undefined &&
        /human-monitor|qom-set|object-add|transaction|throttle/.test(seen.name)),
  );
}
