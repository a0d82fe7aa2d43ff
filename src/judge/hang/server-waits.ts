import { isJobStart, mirrorsOntoNode } from '../../model/job-start.ts';
import { cardOf } from '../../qemu/cards.ts';
import { hasTrait } from '../../qemu/versions.ts';
import { type Disk, storageKind } from '../../sequence/arena.ts';
import type { FaultStep } from '../../sequence/step.ts';
import { hostFactor, lostMs } from '../../trace/host.ts';
import type { Place } from '../../trace/place.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import { jobsOf } from '../reading/job-histories.ts';
import { keptWaitingUntilUs } from '../reading/kept-waiting.ts';
import { serverTroubles } from '../reading/server-trouble.ts';

/**
 * Whether a command that is unanswered at `at` may be kept waiting by a server: whatever drains or opens a node waits
 * for the requests in flight. What only asks for jobs, or tells a job something, does not; nor do cancel and complete
 * where only mirrors' targets are in trouble. A mirror that ends drains its source, and all of QEMU waits for that.
 * Tried with frozen and killed NBD servers; QEMU's iscsi and nfs drivers ask some things of their server in the main loop,
 * and then nothing is answered.
 */
export function mayWaitForServer(
  evidence: Evidence,
  exchange: Exchange | undefined,
  at: Place,
  deadlineMs: number,
): boolean {
  const { trace } = evidence;
  const isFlooded = ignoresErrors(evidence, at);
  const mayHold = (disk: string): boolean => {
    if (isFlooded) return true;
    const waiting = { since: exchange?.sent ?? at, by: at, concerns: (each: string) => each === disk };
    return (trace[at]?.us ?? 0) - keptWaitingUntilUs(evidence, waiting) < deadlineMs * 1000;
  };
  const troubled = new Set(
    serverTroubles(evidence).flatMap(({ disk, from }) => (from < at && mayHold(disk) ? [disk] : [])),
  );
  if (troubled.size === 0) return false;
  const name = exchange?.name ?? '';
  if (mayReconnectLate(evidence)) return true;
  if (asksOnly(name)) return jobMayEnd(evidence, at) && !areOnlyTargets(evidence, troubled);
  if (!exchange || !endsJob(name) || !isAtWork(evidence, exchange, at)) return true;
  return !areOnlyTargets(evidence, troubled);
}

/** A job that ignores the errors of a server that is gone reports thousands a second, and its monitor is slow. */
const ignoresErrors = ({ trace }: Evidence, before: Place): boolean =>
  trace.some(
    (seen, at) =>
      at < before &&
      seen.kind === 'event' &&
      seen.name === 'BLOCK_JOB_ERROR' &&
      seen.data.action === 'ignore',
  );

function asksOnly(name: string): boolean {
  const does = cardOf(name)?.verb?.does;
  const isLight = does === 'pauses' || does === 'resumes' || does === 'sets speed';
  return isLight || name === 'query-jobs' || name === 'query-block-jobs';
}
function endsJob(name: string): boolean {
  const does = cardOf(name)?.verb?.does;
  return does === 'cancels' || does === 'finishes';
}

/** Of mirrors that no guest's write waits for: of a backup, or in write-blocking, it does. */
function areOnlyTargets({ exchanges, opened }: Evidence, troubled: ReadonlySet<string>): boolean {
  const isApart = ({ name, frontend = 'none', backing = '' }: Disk): boolean =>
    troubled.has(name) ? frontend === 'none' : !troubled.has(backing);
  const { disks } = opened.sequence.arena;
  const well = new Set(disks.flatMap(({ name }) => (troubled.has(name) ? [] : [name, `drive-${name}`])));
  return (
    disks.every(isApart) &&
    exchanges.every(({ name, args }) => {
      if (!isJobStart(name)) return name !== 'transaction';
      const isPlain = mirrorsOntoNode(name) && args['copy-mode'] !== 'write-blocking';
      return isPlain && well.has(`${args.device}`);
    })
  );
}

const jobMayEnd = ({ trace }: Evidence, before: Place): boolean =>
  trace
    .slice(0, before)
    .some(
      (seen) =>
        (seen.kind === 'command' && endsJob(seen.name)) ||
        (seen.kind === 'event' && seen.name === 'BLOCK_JOB_ERROR'),
    );

/** The job has not begun to end: from then on what it is told may wait for its nodes. */
function isAtWork(evidence: Evidence, { args, notBefore }: Exchange, at: Place): boolean {
  const id = args.id ?? args.device;
  if (typeof id !== 'string') return false;
  const found = jobsOf(evidence).foundWithin(id, notBefore, at);
  return found.every((status) => atWork.has(status));
}

const atWork: ReadonlySet<string> = new Set(['created', 'running', 'paused', 'ready', 'standby', 'absent']);

/**
 * Whether faults may keep QEMU from quitting: one of the machine or a limit may, an injected error does not. Of a server
 * it waits as long as requests do, and then it had not its time.
 */
export function mayHoldQuit(evidence: Evidence, at: Place): boolean {
  const { trace, exchanges, opened } = evidence;
  // 5.2 waits for flushes.
  const waitsForFlush = !hasTrait(opened.qemu.version, 'cancel by force at once');
  const isHeld = trace.some(
    (seen) =>
      seen.kind === 'fault' &&
      seen.fault.fault !== 'server' &&
      (waitsForFlush || !holdsNothing.has(seen.fault.fault)),
  );
  const since = exchanges.find(({ name }) => name === 'quit')?.sent ?? at;
  const heldUntilUs = keptWaitingUntilUs(evidence, { since, by: at });
  const freeMs = ((trace[at]?.us ?? 0) - heldUntilUs) / 1000;
  const waits =
    heldUntilUs > (trace[since]?.us ?? 0) &&
    freeMs < quitsWithinMs * hostFactor(opened.roundTripUs) + lostMs(trace);
  return isHeld || waits || (heldUntilUs > 0 && ignoresErrors(evidence, at));
}

/** Requests that fail, or go on, hold nobody up. */
const holdsNothing: ReadonlySet<FaultStep['fault']> = new Set([
  'inject',
  'lift',
  'fill',
  'room',
  'unthrottle',
]);

/** Once requests have failed it is gone in milliseconds. */
const quitsWithinMs = 2_000;

/**
 * Whether requests may still wait when all servers are well again: libiscsi and libnfs connect anew in their own time, and
 * no bound for it is documented. QEMU's own NBD client has one (reconnect-delay).
 */
export function mayReconnectLate(evidence: Evidence): boolean {
  const troubled = new Set(serverTroubles(evidence).map(({ disk }) => disk));
  const { disks } = evidence.opened.sequence.arena;
  return disks.some((disk) => troubled.has(disk.name) && storageKind(disk) !== 'nbd');
}
