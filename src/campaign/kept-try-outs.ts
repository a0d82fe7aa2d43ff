import { openSessions, type Sessions } from '../execute/sessions/sessions.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { Flavour } from '../trace/observation.ts';
import { openTryOut, type Tried } from './try-out.ts';

/** Tries sequences on several programs, one at a time, on each in a session that is kept while it is pristine. */
export type KeptTryOuts = {
  run(program: Driven, sequence: Sequence, how?: HowToRun): Promise<Tried>;
  close(): Promise<void>;
  /** At once, without asking QEMU to quit. */
  kill(): Promise<void>;
};

export type Driven = { target: QemuTarget; flavour: Flavour };

/** `deadlineScale`: the share of their deadlines that answers get. `isFresh`: in a session that has run nothing yet. */
export type HowToRun = { deadlineScale?: number; isFresh?: boolean };

export function openKeptTryOuts(on: { root: RunRoot; tool: { name: string; version: string } }): KeptTryOuts {
  const open = new Map<string, Sessions>();

  return {
    async run(program, sequence, { deadlineScale = 1, isFresh = false } = {}) {
      const sessions = sessionsOf(program);
      if (isFresh) await sessions.giveBack(false);
      return openTryOut({ ...program, sessions, deadlineScale })(sequence);
    },
    async close() {
      await Promise.all([...open.values()].map((each) => each.close()));
    },
    async kill() {
      await Promise.all([...open.values()].map((each) => each.kill()));
    },
  };

  function sessionsOf({ target, flavour }: Driven): Sessions {
    const key = `${target.label} ${target.path} ${flavour}`;
    const sessions = open.get(key) ?? openSessions({ target, flavour, ...on });
    open.set(key, sessions);
    return sessions;
  }
}
