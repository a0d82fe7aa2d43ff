import { openTryOut, type Tried } from '../campaign/try-out.ts';
import { openSessions, type Sessions } from '../execute/sessions/sessions.ts';
import { isNoRun, lackingIn } from '../findings/lacking.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { Flavour } from '../trace/observation.ts';

export type Side = 'candidate' | 'baseline';
export type Sides = { candidate: QemuTarget; baseline?: QemuTarget };

/** One run. `is`: whether it says anything; skipped: that QEMU lacks what the sequence needs. */
export type Look = { is: 'decided' | 'undecided' | 'skipped'; reason: string; tried: Tried };

/** Runs sequences one after the other, on either QEMU in either flavour, each in a session that is kept. */
export type GateLane = {
  run(side: Side, flavour: Flavour, sequence: Sequence, how?: HowToRun): Promise<Look>;
  started(): number;
  close(): Promise<void>;
  kill(): Promise<void>;
};

/** `deadlineScale`: the share of their deadlines that answers get. `isFresh`: in a session that has run nothing yet. */
export type HowToRun = { deadlineScale?: number; isFresh?: boolean };

export function openLane(
  sides: Sides,
  on: {
    root: RunRoot;
    tool: { name: string; version: string };
    heard(side: Side, tried: Tried): void;
  },
): GateLane {
  const open = new Map<string, Sessions>();

  return {
    async run(side, flavour, sequence, { deadlineScale = 1, isFresh = false } = {}) {
      const target = sides[side];
      if (!target?.[flavour]) return skipped(`${target?.label ?? 'the baseline'} has no ${flavour} program`);
      const sessions = sessionsOf(side, target, flavour);
      if (isFresh) await sessions.giveBack(false);
      const tried = await openTryOut({ target, flavour, sessions, deadlineScale })(sequence);
      if (tried.trace.length > 0) on.heard(side, tried);
      return lookOf(tried);
    },
    started: () => [...open.values()].reduce((sum, each) => sum + each.started(), 0),
    async close() {
      await Promise.all([...open.values()].map((each) => each.close()));
    },
    async kill() {
      await Promise.all([...open.values()].map((each) => each.kill()));
    },
  };

  function sessionsOf(side: Side, target: QemuTarget, flavour: Flavour): Sessions {
    const key = `${side} ${flavour}`;
    const sessions = open.get(key) ?? openSessions({ target, flavour, root: on.root, tool: on.tool });
    open.set(key, sessions);
    return sessions;
  }
}

/** What broke a rule is broken, whatever else of the run could not be judged. */
export function lookOf(tried: Tried): Look {
  const { reason, trouble, violations, trace } = tried;
  if (violations.length > 0 || reason === undefined) return { is: 'decided', reason: '', tried };
  if (trouble === undefined && trace.length === 0) return { is: 'skipped', reason, tried };
  const [lacks] = trouble === undefined && isNoRun(trace) ? lackingIn(trace) : [];
  if (lacks !== undefined) return { is: 'skipped', reason: lacks, tried };
  return { is: 'undecided', reason, tried };
}

const skipped = (reason: string): Look => ({
  is: 'skipped',
  reason,
  tried: { signatures: [], violations: [], verdicts: [], trace: [], reason },
});
