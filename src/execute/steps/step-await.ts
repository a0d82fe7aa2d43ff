import { isJsonObject } from '../../sequence/json-object.ts';
import type { Awaited, AwaitStep } from '../../sequence/step.ts';
import { isLocked } from '../../target/images/compare.ts';
import type { JobSeen } from '../../trace/jobs-seen.ts';
import { deadlineOver } from '../deadline.ts';
import { limits } from '../limits.ts';
import { isOk, issue, type Run, sleep, until } from '../run.ts';
import { resolveJob } from './resolve.ts';

type Outcome = 'met' | 'moot' | 'expired';

/**
 * Waits, bounded. Moot: what is waited for can't come any more (the job is gone, QEMU is gone). A job that is not there
 * may still come while a command is unanswered; which one `#0` is, is settled as soon as there is one.
 * Expired: it did not come in time.
 */
export async function awaitStep(run: Run, step: AwaitStep, index: number): Promise<void> {
  const begunUs = run.recorder.elapsedUs();
  const deadlineMs = step.deadlineMs ?? limits.awaitDeadlineMs;
  let id = resolveJob(run, step.job ?? '#0');
  const job = (): JobSeen | undefined => {
    if (!run.jobs.job(id)) id = resolveJob(run, step.job ?? '#0');
    return run.jobs.job(id);
  };
  const outcome: Outcome = run.suspended
    ? 'moot'
    : step.await === 'offset=len'
      ? await untilOffsetIsLen(run, id, deadlineMs, index)
      : typeof step.await === 'object' && 'locked' in step.await
        ? await untilLocked(run, step.await.locked, deadlineMs)
        : await until(run, () => check(run, step, job()), deadlineMs);
  run.recorder.record({ kind: 'await', step: index, outcome, waitedUs: run.recorder.elapsedUs() - begunUs });
}

function check(run: Run, step: AwaitStep, job: JobSeen | undefined): Outcome | undefined {
  const wanted: Awaited = step.await;
  if (wanted === 'arrived') {
    if (run.destination?.hasArrived()) return 'met';
    return !run.destination || run.destination.session.exited() ? 'moot' : undefined;
  }
  if (wanted === 'exit') return run.session.exited() ? 'met' : undefined;
  if (wanted === 'reply' && run.inFlight.commands === 0) return 'met';
  // A request that was given up at its deadline has not ended.
  if (wanted === 'guest' && run.inFlight.guest === 0) return run.guestRequestsExpired > 0 ? 'expired' : 'met';
  const mayCome = job === undefined && run.inFlight.commands > 0 && !run.broken;
  const met =
    typeof wanted === 'object' && 'event' in wanted
      ? eventSeen(run, wanted, step.job === undefined ? undefined : job)
      : job && typeof wanted !== 'object' && jobMet(job, wanted);
  if (met || (wanted === 'gone' && !job && !mayCome)) return 'met';
  if (run.session.exited() || run.broken) return 'moot';
  if (wanted === 'reply' || wanted === 'guest' || mayCome) return undefined;
  const aboutJob = typeof wanted !== 'object' || step.job !== undefined;
  return aboutJob && (!job || job.status === 'null') ? 'moot' : undefined;
}

/** A pause is over when it is over, but what lies behind a job's end counts also when it has passed. */
const onceReached = new Set(['waiting', 'pending', 'aborting', 'concluded', 'null']);

function jobMet(job: JobSeen, wanted: Exclude<Awaited, object>): boolean {
  if (wanted === 'READY') return job.events.some(({ name }) => name === 'BLOCK_JOB_READY');
  if (wanted === 'gone') return job.status === 'null';
  return (
    job.status === wanted || (onceReached.has(wanted) && job.history.some((status) => status === wanted))
  );
}

function eventSeen(run: Run, wanted: Extract<Awaited, { event: string }>, job: JobSeen | undefined): boolean {
  const fits = (data: Record<string, unknown>): boolean =>
    Object.entries(wanted.data ?? {}).every(
      ([key, value]) => JSON.stringify(data[key]) === JSON.stringify(value),
    );
  if (job) return job.events.some(({ name, data }) => name === wanted.event && fits(data));
  return run.recorder.trace.some(
    (seen) => seen.kind === 'event' && seen.name === wanted.event && fits(seen.data),
  );
}

/** Another process tries to open the image, until it is refused. */
async function untilLocked(run: Run, name: string, deadlineMs: number): Promise<Outcome> {
  const placed = run.disks.get(name);
  const { img } = run.session.target;
  if (!placed || !img) return 'moot';
  const isOver = deadlineOver(run, deadlineMs);
  while (!isOver() && !run.broken) {
    if (await isLocked(img, { path: placed.path, format: placed.disk.format })) return 'met';
    await sleep(limits.progressPollMs);
  }
  return run.broken ? 'moot' : 'expired';
}

/** What a user without events does: asks until the job's offset has reached its len. */
async function untilOffsetIsLen(run: Run, id: string, deadlineMs: number, index: number): Promise<Outcome> {
  const isOver = deadlineOver(run, deadlineMs);
  while (!isOver()) {
    const answer = await issue(run, { name: 'query-block-jobs', args: {} }, { step: index });
    if (!isOk(answer) || answer.kind !== 'reply' || !Array.isArray(answer.return)) return 'moot';
    const job = answer.return.find((entry) => isJsonObject(entry) && entry.device === id);
    if (!isJsonObject(job)) return 'moot';
    // A job that still looks for what there is to copy shows 0 of 0; a READY one may have had nothing to copy.
    if (job.offset === job.len && (job.len !== 0 || job.ready === true)) return 'met';
    await sleep(limits.progressPollMs);
  }
  return 'expired';
}
