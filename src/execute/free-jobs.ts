import { hasTrait } from '../qemu/versions.ts';
import { isJsonObject, type JsonObject } from '../sequence/json-object.ts';
import type { Json } from '../sequence/step.ts';
import type { Seen } from '../trace/observation.ts';
import { deadlineOver } from './deadline.ts';
import { lastVerbs } from './last-verbs.ts';
import { limits } from './limits.ts';
import { type Command, isOk, issue, issueAll, type Run, until } from './run.ts';

/**
 * Takes away what holds the jobs, one thing at a time, and gives each the time to show: pauses and cancels that were
 * accepted come, whoever stands paused is resumed, limits are lifted, and what was asked to end ends. What did not come is for
 * `hang/pause`, `hang/resume`, `hang/no-progress` and `hang/complete` to say; each costs a round trip where it comes.
 */
export async function freeJobs(run: Run): Promise<void> {
  if (run.jobs.known().length === 0) return;
  if (mayCrawl(run)) return resumePaused(run);
  await verbsCome(run);
  await resumePaused(run);
  await jobsGoOn(run);
}

/**
 * A job that was told to pause or to cancel, and has not come to it: a lone cancel needs no limit lifted. 5.2 sleeps its
 * limit off first, for minutes, and a backup that waits for writes never comes to it.
 */
async function verbsCome(run: Run): Promise<void> {
  const asked = lastVerbs(run.recorder.trace);
  const isPrompt = hasTrait(run.session.target.version, 'cancel by force at once');
  const isAwaited = (id: string): boolean =>
    isPrompt
      ? (asked.get(id) === 'cancel' || asked.get(id) === 'pause') && isAtWork(run, id)
      : asked.get(id) === 'cancel' && run.jobs.job(id)?.status === 'ready';
  const due = run.jobs.known().filter(isAwaited);
  if (due.length > 0) await moved(run, due, marksOf(run, due));
}

async function resumePaused(run: Run): Promise<void> {
  const standing = run.jobs.known().filter((id) => stands.has(run.jobs.job(id)?.status ?? ''));
  if (standing.length === 0) return;
  const before = marksOf(run, standing);
  const asked = lastVerbs(run.recorder.trace);
  // With its limit a job may sleep on after the pause; that it has left it shows all the same.
  const answers = await issueAll(
    run,
    standing.map((id) => ({ name: 'job-resume', args: { id } })),
  );
  // Of one that nobody has paused, and a drain holds, nothing is due; one that a step has resumed still has to move.
  const resumed = standing.filter((id, i) => isOk(answers[i]) || asked.get(id) === 'resume');
  if (resumed.length > 0) await moved(run, resumed, before);
}

/** How much each has said so far. */
const marksOf = (run: Run, ids: readonly string[]): ReadonlyMap<string, number> =>
  new Map(ids.map((id) => [id, said(run, id)]));

/** Until each has said more than that. */
async function moved(run: Run, ids: readonly string[], before: ReadonlyMap<string, number>): Promise<void> {
  const allMoved = (): boolean => ids.every((id) => said(run, id) !== before.get(id));
  await until(run, () => (run.broken || allMoved() ? 'moved' : undefined), effectDeadlineMs(run));
}

/**
 * Limits are lifted from jobs that run, and then each has to get on: its figures move, or it says something. One that
 * was asked to end has to end.
 */
async function jobsGoOn(run: Run): Promise<void> {
  if (!run.jobs.known().some((id) => isAtWork(run, id))) return;
  const asked = lastVerbs(run.recorder.trace);
  // What it says while it is being asked, the answer may not show yet, or a job that is gone by then.
  const earlier = marksOf(run, run.jobs.known());
  const first = await shown(run);
  const due = first.filter(
    (row) =>
      isDue(row, asked.get(`${row.device}`)) &&
      !waitsForWrites(run, row) &&
      (row.speed === 0 || liftsLimits(run)),
  );
  if (due.length === 0) return;
  const before = due.map((row) => ({ row, said: earlier.get(`${row.device}`) ?? 0 }));
  const limited = due.filter(({ speed }) => speed !== 0);
  if (limited.length > 0) await issueAll(run, limited.map(liftLimit));
  const isOver = deadlineOver(run, effectDeadlineMs(run));
  let left = before.filter(isStill);
  while (left.length > 0 && !isOver() && !run.broken) {
    await until(run, () => (run.broken || !left.every(isStill) ? 'moved' : undefined), limits.progressPollMs);
    const rows = await shown(run);
    left = left.filter((each) => isStill(each) && !rows.some((row) => isFurther(row, each.row)));
  }

  function isStill({ row, said: earlier }: { row: JsonObject; said: number }): boolean {
    return said(run, `${row.device}`) === earlier;
  }
}

/** Half of all sequences: of the others, jobs are cancelled by force in the middle of the sleep that their limit makes. */
const liftsLimits = ({ sequence }: Run): boolean => sequence.steps.length % 2 === 0;

/** It runs and is not told to pause, or it is READY and was asked to end. */
const isDue = ({ ready, paused, status }: JsonObject, verb: string | undefined): boolean =>
  paused === false &&
  ((status === 'running' && ready === false) ||
    (status === 'ready' && (verb === 'complete' || verb === 'cancel')));

/** One that is READY and copies what is left has still to end. */
const isFurther = (now: JsonObject, before: JsonObject): boolean =>
  now.device === before.device &&
  before.status === 'running' &&
  (now.offset !== before.offset || now.len !== before.len);

async function shown(run: Run): Promise<JsonObject[]> {
  const answer = await issue(run, { name: 'query-block-jobs', args: {} });
  if (!isOk(answer) || answer.kind !== 'reply' || !Array.isArray(answer.return)) return [];
  return answer.return.filter(isJsonObject);
}

const liftLimit = ({ device }: JsonObject): Command => ({
  name: 'block-job-set-speed',
  args: { device: device as Json, speed: 0 },
});

const stands: ReadonlySet<string> = new Set(['paused', 'standby']);

function isAtWork(run: Run, id: string): boolean {
  const status = run.jobs.job(id)?.status;
  return status === 'running' || status === 'ready';
}

/** Grows with everything that a job says. */
function said(run: Run, id: string): number {
  const job = run.jobs.job(id);
  return job ? job.history.length + job.events.length : 0;
}

const effectDeadlineMs = (run: Run): number => limits.effectDeadlineMs * run.resumeDeadlineScale;

/** A backup without a copy of its own goes on for ever, and stands still while nobody writes. */
const waitsForWrites = ({ recorder: { trace } }: Run, { type }: JsonObject): boolean =>
  type === 'backup' &&
  trace.some((seen) => seen.kind === 'command' && JSON.stringify(seen.args).includes('"sync":"none"'));

/** Limits that a step has set are not lifted, and a server may take its time: nothing that shows then is due. */
const mayCrawl = ({ recorder: { trace } }: Run): boolean =>
  trace.some(
    (seen) =>
      (seen.kind === 'fault' && seen.fault.fault === 'server') ||
      (seen.kind === 'command' && seen.step !== undefined && isSlowing(seen)),
  );

const isSlowing = ({ name, args }: Extract<Seen, { kind: 'command' }>): boolean =>
  name !== 'qom-set' && /throttl/.test(`${name} ${JSON.stringify(args)}`);
