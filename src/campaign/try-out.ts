import type { PairedSessions } from '../execute/sessions/paired-sessions.ts';
import { openSessions } from '../execute/sessions/sessions.ts';
import { standingStill } from '../findings/signature/hang.ts';
import { storageKind } from '../sequence/arena.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { Flavour, Trace } from '../trace/observation.ts';
import { freeLanes } from './free-lanes.ts';
import { limits } from './limits.ts';
import { type Judged, runAndJudge } from './run-and-judge.ts';

/** `suspect`: with short deadlines it looked like an unknown hang; no verdict before a run with whole ones. */
export type Tried = Judged & { suspect?: true };

/**
 * Tries candidates on one program, one at a time, on a session that is kept while it is pristine. `deadlineScale`: the
 * share of their deadlines that answers get (execute.ts). A run that may have lost a datagram is repeated over a stream.
 * With `isKnown`, deadlines are short at first, since most hangs are met many times.
 */
export function openTryOut(
  on: PairedSessions & { target: QemuTarget; flavour: Flavour; deadlineScale?: number },
) {
  const { target, flavour, sessions, streamSessions, deadlineScale = 1 } = on;
  const program = { target, flavour, sessions };
  return async (candidate: Sequence, isKnown?: (signature: string) => boolean): Promise<Tried> => {
    const isHasty = isKnown !== undefined && isLocal(candidate);
    const haste = {
      deadlineScale: limits.hangDeadlineScale,
      resumeDeadlineScale: isKnown && standingStill.some(isKnown) ? limits.hangDeadlineScale : 1,
    };
    const tried = await runAndJudge(candidate, { ...program, ...(isHasty ? haste : { deadlineScale }) });
    if (isHasty && hasExpired(tried.trace))
      return tried.signatures.every(isKnown) || tried.trouble ? tried : { ...tried, suspect: true };
    return tried.maybeLostDatagram && streamSessions
      ? runAndJudge(candidate, { ...program, sessions: streamSessions, deadlineScale })
      : tried;
  };
}

/** Servers that are gone are waited for: no wait there is out of the ordinary. */
const isLocal = ({ arena }: Sequence): boolean => arena.disks.every((disk) => storageKind(disk) === 'file');

const hasExpired = (trace: Trace): boolean => trace.some(({ kind }) => kind === 'expired');

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
  const onLane = freeLanes(open.map((sessions) => openTryOut({ ...program, sessions, deadlineScale })));
  let killed = false;
  return {
    tryOut: (candidate) =>
      onLane(async (lane) => {
        if (killed) throw new Error('the sessions are killed');
        return await lane(candidate);
      }),
    async close() {
      await Promise.all(open.map((sessions) => sessions.close()));
    },
    async kill() {
      killed = true;
      await Promise.all(open.map((sessions) => sessions.kill()));
    },
  };
}
