import { StorageError } from '../errors.ts';
import { execute } from '../execute/execute.ts';
import { openSessions, type Sessions } from '../execute/sessions.ts';
import { signatureOf } from '../findings/signature.ts';
import { judge, undecided } from '../judge/judge.ts';
import type { Violation } from '../judge/rule.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Attempt } from '../shrink/try-out.ts';
import type { QemuTarget } from '../target/binary.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { Flavour, Trace } from '../trace/observation.ts';
import { missingFor } from './requirement.ts';
import { mustHaveHadRoom } from './room.ts';

/** One run of a candidate; `violations` are those of `signatures`, one each. */
export type Tried = Attempt & {
  violations: readonly Violation[];
  trace: Trace;
  /** Why it was not run, or why there is no verdict. */
  reason?: string;
};

/**
 * Tries candidates on one program, on a session that is kept while it is pristine. One at a time. `patience`: the share
 * of their deadlines that answers get (execute.ts).
 */
export function openTryOut(on: {
  target: QemuTarget;
  flavour: Flavour;
  sessions: Sessions;
  patience?: number;
}) {
  const { target, flavour, sessions, patience = 1 } = on;
  const asked = { target, flavour, schema: sessions.schema };
  return async (candidate: Sequence): Promise<Tried> => {
    const lacks = await missingFor(candidate, asked);
    if (lacks !== undefined) return { signatures: [], violations: [], trace: [], reason: lacks };
    const session = await sessions.pristine(candidate).catch((error: unknown) => {
      if (error instanceof StorageError) return error;
      throw error;
    });
    if (session instanceof StorageError)
      return { signatures: [], violations: [], trace: [], reason: session.message };
    const { trace, pristine, freeBytesLeft } = await execute(candidate, { ...session, patience });
    await sessions.giveBack(pristine);
    const violations = judge(trace, await sessions.schema());
    const reason = undecided(trace);
    if (violations.length > 0 || reason !== undefined) mustHaveHadRoom(trace, freeBytesLeft);
    const signatures = violations.map((violation) => signatureOf(violation, trace));
    return { signatures, violations, trace, ...(reason === undefined ? {} : { reason }) };
  };
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
  patience?: number;
};

/** The same, with as many sessions of the program side by side as there are lanes. */
export function openTryOutLanes({ lanes, root, patience = 1, ...program }: LanesPlan): TryOutLanes {
  const open = Array.from({ length: lanes }, () => openSessions({ ...program, root }));
  const free = open.map((sessions) => openTryOut({ ...program, sessions, patience }));
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
