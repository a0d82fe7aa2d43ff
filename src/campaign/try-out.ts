import { EnvironmentError } from '../errors.ts';
import { execute } from '../execute/execute.ts';
import type { PairedSessions } from '../execute/sessions/paired-sessions.ts';
import { openSessions, type Sessions } from '../execute/sessions/sessions.ts';
import { standingStill } from '../findings/signature/hang.ts';
import { signatureOf } from '../findings/signature.ts';
import { judge } from '../judge/judge.ts';
import type { Violation } from '../judge/rule.ts';
import { undecided } from '../judge/undecided.ts';
import { storageKind } from '../sequence/arena.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Attempt } from '../shrink/try-out.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { Flavour, Trace } from '../trace/observation.ts';
import { limits } from './limits.ts';
import { cutShort } from './trouble/cut-short.ts';
import { mustHaveHadRoom } from './trouble/disk-full.ts';
import { missingFor } from './trouble/requirement.ts';
import type { Trouble } from './trouble/trouble.ts';

/** One run of a candidate; `violations` are those of `signatures`, one each. */
export type Tried = Attempt & {
  violations: readonly Violation[];
  trace: Trace;
  /** Why it was not run, or why there is no verdict. */
  reason?: string;
  /** The same, where the machine failed. */
  trouble?: Trouble;
  /** With short deadlines it looked like an unknown hang: there is no verdict before a run with whole ones. */
  suspect?: true;
};

/**
 * Tries candidates on one program, one at a time, on a session that is kept while it is pristine. `deadlineScale`: the
 * share of their deadlines that answers get (execute.ts). A run that may have lost a datagram is repeated over a stream.
 * With `isKnown`, deadlines are short at first, since most hangs are met many times.
 */
export function openTryOut(
  on: PairedSessions & { target: QemuTarget; flavour: Flavour; deadlineScale?: number },
) {
  const { target, flavour, sessions, streamSessions, deadlineScale = 1 } = on;
  const asked = { target, flavour, schema: sessions.schema };
  return async (candidate: Sequence, isKnown?: (signature: string) => boolean): Promise<Tried> => {
    const lacks = await onThisMachine(sessions, () => missingFor(candidate, asked));
    if (typeof lacks === 'object') return lacks;
    if (lacks !== undefined) return { signatures: [], violations: [], trace: [], reason: lacks };
    const isHasty = isKnown !== undefined && isLocal(candidate);
    const haste = {
      deadlineScale: limits.hangDeadlineScale,
      resumeDeadlineScale: isKnown && standingStill.some(isKnown) ? limits.hangDeadlineScale : 1,
    };
    const { maybeLostDatagram, ...tried } = await tryOn(
      sessions,
      candidate,
      isHasty ? haste : { deadlineScale },
    );
    if (tried.trouble) return tried;
    if (!isHasty || !hasExpired(tried.trace))
      return maybeLostDatagram && streamSessions
        ? tryOn(streamSessions, candidate, { deadlineScale })
        : tried;
    return tried.signatures.every(isKnown) ? tried : { ...tried, suspect: true };
  };

  async function tryOn(
    from: Sessions,
    candidate: Sequence,
    how: { deadlineScale: number; resumeDeadlineScale?: number },
  ): Promise<Tried & { maybeLostDatagram: boolean }> {
    const tried = await onThisMachine(from, () => tryOnce(from, candidate, how));
    return { maybeLostDatagram: false, ...tried };
  }

  /** What the machine does not let happen is no end of anything but the session. */
  async function onThisMachine<T>(from: Sessions, work: () => Promise<T>): Promise<T | Tried> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      await from.giveBack(false);
      return cutShort(error);
    }
  }

  async function tryOnce(
    from: Sessions,
    candidate: Sequence,
    how: { deadlineScale: number; resumeDeadlineScale?: number },
  ): Promise<Tried & { maybeLostDatagram: boolean }> {
    const pristineOne = await from.pristine(candidate);
    const { session } = pristineOne;
    const { trace, pristine, freeBytesLeft } = await execute(candidate, { ...pristineOne, ...how });
    const { violations } = judge(trace, await sessions.schema());
    const reason = undecided(trace);
    const isSuspect = violations.length > 0 || reason !== undefined;
    const maybeLostDatagram =
      isSuspect && session.line === 'datagrams' && (session.lost() > 0 || lacksAnswer(trace));
    await from.giveBack(pristine && !maybeLostDatagram);
    if (isSuspect) mustHaveHadRoom(trace, freeBytesLeft);
    const signatures = violations.map((violation) => signatureOf(violation, trace));
    return { signatures, violations, trace, ...(reason === undefined ? {} : { reason }), maybeLostDatagram };
  }
}

/** Servers that are gone are waited for: no wait there is out of the ordinary. */
const isLocal = ({ arena }: Sequence): boolean => arena.disks.every((disk) => storageKind(disk) === 'file');

const hasExpired = (trace: Trace): boolean => trace.some(({ kind }) => kind === 'expired');

/** A later command was answered, so that QEMU does answer: this answer may have been too long for a datagram. */
function lacksAnswer(trace: Trace): boolean {
  const at = trace.findIndex((seen) => seen.kind === 'expired' && seen.what === 'command');
  const expired = trace[at];
  if (expired?.kind !== 'expired') return false;
  const answered = trace
    .slice(at)
    .flatMap((seen) => (seen.kind === 'reply' && seen.id !== undefined ? [seen.id] : []));
  return answered.length > 0 && !answered.some((id) => id === expired.id);
}

export type TryOutLanes = {
  /** Waits for a free lane where all are taken. */
  tryOut(candidate: Sequence): Promise<Tried>;
  close(): Promise<void>;
  /** At once, without asking QEMU to quit; what is being tried ends as it may, or throws. */
  kill(): Promise<void>;
};

type LanesPlan = {
  target: QemuTarget;
  flavour: Flavour;
  lanes: number;
  root: RunRoot;
  tool: { name: string; version: string };
  deadlineScale?: number;
};

/** The same, with as many sessions of the program side by side as there are lanes. */
export function openTryOutLanes({ lanes, root, deadlineScale = 1, ...program }: LanesPlan): TryOutLanes {
  const open = Array.from({ length: lanes }, () => openSessions({ ...program, root }));
  const free = open.map((sessions) => openTryOut({ ...program, sessions, deadlineScale }));
  const waiting: (() => void)[] = [];
  let killed = false;
  return {
    async tryOut(candidate) {
      while (free.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      if (killed) throw new Error('the sessions are killed');
      const lane = free.pop() as (typeof free)[number];
      try {
        return await lane(candidate);
      } finally {
        free.push(lane);
        waiting.shift()?.();
      }
    },
    async close() {
      await Promise.all(open.map((sessions) => sessions.close()));
    },
    async kill() {
      killed = true;
      await Promise.all(open.map((sessions) => sessions.kill()));
    },
  };
}
