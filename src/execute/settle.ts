import { hasTrait } from '../qemu/versions.ts';
import { mayLimit } from '../sequence/slowing.ts';
import type { Observation } from '../trace/observation.ts';
import { deadlineOver } from './deadline.ts';
import { strangersLeave } from './faults/strangers.ts';
import { freeJobs } from './free-jobs.ts';
import { limits } from './limits.ts';
import { lookAtBitmaps } from './look-at-bitmaps.ts';
import { lookAtPast } from './look-at-past.ts';
import { type Command, isOk, issue, issueAll, type Run, until, wake } from './run.ts';
import { faultsLifted } from './steps/step-fault.ts';
import { guestsReadAgain } from './steps/step-guest.ts';
import { resync } from './steps/step-raw.ts';

/**
 * The liveness phase: faults are lifted, then jobs are resumed, freed of their limits and cancelled by force, each by
 * itself and with the time to show, then dismissed. From here on nothing hinders a correct QEMU, so whatever does not
 * end by the deadline hangs. true when no job is left.
 */
export async function settle(run: Run): Promise<boolean> {
  if (run.suspended) wake(run);
  if (run.disconnected) return exitSeen(run, 'settle');
  if (quitAccepted(run)) return exitSeen(run, 'quit');
  await resync(run, undefined);
  const deadlineMs = limits.settleDeadlineMs * run.deadlineScale;
  strangersLeave(run);
  await faultsLifted(run);
  // What a server kept waiting goes on when the server is well.
  if (run.broken && hadServerTrouble(run)) run.broken = !(await answersAgain(run, deadlineMs));

  const answered = await until(
    run,
    () => (run.inFlight.commands === 0 || run.broken ? 'answered' : undefined),
    deadlineMs,
  );
  // Its answer may have come just now, where no step waited for it.
  if (quitAccepted(run)) return exitSeen(run, 'quit');
  let ended: unknown = answered;
  if (answered !== 'expired') await freeJobs(run);
  if (answered !== 'expired' && run.jobs.known().length > 0) ended = await endJobs(run, deadlineMs);
  if (ended !== 'expired' && !run.broken && run.exports.length > 0 && someJobFailed(run))
    await issueAll(run, [{ name: 'query-block-exports', args: {} }]);
  // A machine that a step has stopped holds its guest's requests.
  if (run.session.hardware.machine === 'pc' && run.inFlight.guest > 0)
    await issueAll(run, [{ name: 'cont', args: {} }]);
  const guest = await until(
    run,
    () => (run.inFlight.guest === 0 || run.session.exited() || run.broken ? 'quiet' : undefined),
    deadlineMs,
  );
  if (run.disconnected) return exitSeen(run, 'settle');
  if (ended !== 'expired' && guest !== 'expired' && !run.broken) await lookAround(run);
  const settled = !run.broken && ended !== 'expired' && guest !== 'expired';
  if (!settled) noteExpiry(run, 'settle');
  return settled;
}

/** When all is quiet: what jobs have left of the guests' disks and of the nodes, and what bitmaps say. */
async function lookAround(run: Run): Promise<void> {
  const afterJobs = hadJobs(run);
  if (afterJobs && mayReadAgain(run)) await guestsReadAgain(run);
  if (!afterJobs && !hadMoreToLookAt(run)) return;
  const [nodes] = await issueAll(run, [{ name: 'query-named-block-nodes', args: { flat: true } }]);
  if (run.broken || !nodes) return;
  await lookAtBitmaps(run, nodes);
  if (!run.broken && !hadServerTrouble(run)) await lookAtPast(run, nodes);
}

const hadMoreToLookAt = ({ recorder: { trace } }: Run): boolean =>
  trace.some(
    (seen) =>
      seen.kind === 'command' &&
      (/^(block-dirty-bitmap-add|transaction)$/.test(seen.name) || seen.args.driver === 'snapshot-access'),
  );

/** Then it is worth a look how they left their nodes. */
const hadJobs = ({ recorder: { trace } }: Run): boolean =>
  trace.some((seen) => seen.kind === 'event' && seen.name === 'JOB_STATUS_CHANGE');

/** Then it is worth a look whether the guest's disk is where it was. */
const someJobFailed = ({ recorder: { trace } }: Run): boolean =>
  trace.some(
    (seen) => seen.kind === 'event' && seen.name === 'BLOCK_JOB_COMPLETED' && seen.data.error !== undefined,
  );

/** A guest that boots takes long, and so do limits that nobody lifts and servers that come back. */
const mayReadAgain = (run: Run): boolean =>
  run.session.hardware.machine !== 'pc' && !hadServerTrouble(run) && !run.sequence.steps.some(mayLimit);

const hadServerTrouble = ({ recorder: { trace } }: Run): boolean =>
  trace.some((seen) => seen.kind === 'fault' && seen.fault.fault === 'server');

/** Commands are answered in order: with this one, all that were sent before. */
async function answersAgain(run: Run, deadlineMs: number): Promise<boolean> {
  return isOk(await issue(run, { name: 'query-jobs', args: {} }, { deadlineMs }));
}

/** Whether this QEMU has said yes to a quit: nothing more is to be asked of it. */
function quitAccepted({ recorder: { trace } }: Run): boolean {
  const begun = trace.findLastIndex(({ kind }) => kind === 'restarted');
  const asked = trace.slice(begun + 1).flatMap((seen) => (isQuit(seen) ? [seen.id] : []));
  return trace
    .slice(begun + 1)
    .some((seen) => seen.kind === 'reply' && !seen.error && asked.some((id) => id === seen.id));
}

const isQuit = (seen: Observation): seen is Extract<Observation, { kind: 'command' }> =>
  seen.kind === 'command' && seen.name === 'quit' && seen.oob !== true;

/** A QEMU that has closed its monitor, or was asked to quit, is gone soon after; the rest of it is of no use then. */
async function exitSeen(run: Run, what: 'settle' | 'quit'): Promise<boolean> {
  const deadlineMs = limits.settleDeadlineMs * run.deadlineScale;
  const exit = await until(run, () => (run.session.exited() ? 'seen' : undefined), deadlineMs);
  if (exit === 'expired') noteExpiry(run, what);
  run.broken = true;
  return exit === 'seen';
}

function noteExpiry(run: Run, what: 'settle' | 'quit'): void {
  const deadlineMs = limits.settleDeadlineMs * run.deadlineFactor * run.deadlineScale;
  run.recorder.record({ kind: 'expired', what, deadlineMs });
}

/** Round after round, since a job may be created late or want one verb more than the last round gave it. */
async function endJobs(run: Run, deadlineMs: number): Promise<'ended' | 'expired'> {
  let isOver = deadlineOver(run, deadlineMs);
  let firstRound = true;
  while (!isOver() && !run.broken && run.recorder.trace.length < limits.observationsMax) {
    const known = run.jobs.known();
    if (known.length === 0) return 'ended';
    const before = known.map(phaseOf);
    const isAlone = firstRound && hasTrait(run.session.target.version, 'cancel by force at once');
    await issueAll(run, known.flatMap(endingVerbs));
    firstRound = false;
    if (isAlone) {
      // A cancel by force needs no other verb: it gets its time before others may cure what it did not do.
      const allEnd = (): boolean => run.jobs.known().every(isConcluded);
      const aloneMs = limits.effectDeadlineMs * run.resumeDeadlineScale;
      await until(run, () => (run.broken || allEnd() ? 'ended' : undefined), aloneMs);
      isOver = deadlineOver(run, deadlineMs);
      continue;
    }
    const changed = await until(
      run,
      () => (run.broken || run.jobs.known().map(phaseOf).join() !== before.join() ? 'changed' : undefined),
      limits.settleRoundMs,
    );
    if (changed === 'expired') continue;
    await until(
      run,
      () => (run.broken || run.jobs.known().every(isConcluded) ? 'ended' : undefined),
      limits.settleRoundMs,
    );
  }
  return run.jobs.known().length === 0 ? 'ended' : 'expired';

  function phaseOf(id: string): string {
    return `${id}:${isConcluded(id)}`;
  }

  function isConcluded(id: string): boolean {
    return run.jobs.job(id)?.status === 'concluded';
  }

  function endingVerbs(id: string): Command[] {
    if (isConcluded(id)) return [{ name: 'job-dismiss', args: { id } }];
    // A pause in force, a rate limit being slept off: cancelling by force ends both but on 5.2,
    // where a paused job must be resumed and a sleeping one woken by set-speed. QEMU reads a byte per main-loop turn.
    const cancel: Command = { name: 'job-cancel', args: { id } };
    if (firstRound && hasTrait(run.session.target.version, 'cancel by force at once')) return [cancel];
    return [
      { name: 'block-job-set-speed', args: { device: id, speed: 0 } },
      { name: 'job-resume', args: { id } },
      cancel,
    ];
  }
}
