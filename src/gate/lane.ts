import { type HowToRun, openKeptTryOuts } from '../campaign/kept-try-outs.ts';
import type { Tried } from '../campaign/try-out.ts';
import { isNoRun, lackingIn } from '../findings/lacking.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { Flavour } from '../trace/observation.ts';

export type { HowToRun } from '../campaign/kept-try-outs.ts';
export type Side = 'candidate' | 'baseline';
export type Sides = { candidate: QemuTarget; baseline?: QemuTarget };

/** One run. `is`: whether it says anything; skipped: that QEMU lacks what the sequence needs. */
export type Look = { is: 'decided' | 'undecided' | 'skipped'; reason: string; tried: Tried };

/** Runs sequences one after the other, on either QEMU in either flavour, each in a session that is kept. */
export type GateLane = {
  run(side: Side, flavour: Flavour, sequence: Sequence, how?: HowToRun): Promise<Look>;
  /** On both QEMUs of one machine, so that a slow one slows both. */
  pair(first: Side, flavour: Flavour, sequence: Sequence, how?: HowToRun): Promise<Record<Side, Look>>;
  /** So long it waited for who runs them: that is nobody's time. */
  waitedMs(): number;
  close(): Promise<void>;
  kill(): Promise<void>;
};

/** A lane of this machine. */
export function openLane(
  sides: Sides,
  on: {
    root: RunRoot;
    tool: { name: string; version: string };
    heard(side: Side, tried: Tried): void;
  },
): GateLane {
  const { root, tool } = on;
  const tryOuts = openKeptTryOuts({ root, tool });
  return {
    run,
    async pair(first, ...what) {
      const one = await run(first, ...what);
      const other = await run(otherOf(first), ...what);
      return first === 'candidate'
        ? { candidate: one, baseline: other }
        : { candidate: other, baseline: one };
    },
    waitedMs: () => 0,
    close: () => tryOuts.close(),
    kill: () => tryOuts.kill(),
  };

  async function run(side: Side, flavour: Flavour, sequence: Sequence, how: HowToRun = {}): Promise<Look> {
    const target = sides[side];
    if (!target?.[flavour]) return skipped(`${target?.label ?? 'the baseline'} has no ${flavour} program`);
    const tried = await tryOuts.run({ target, flavour }, sequence, how);
    if (tried.trace.length > 0) on.heard(side, tried);
    return lookOf(tried);
  }
}

export const otherOf = (side: Side): Side => (side === 'candidate' ? 'baseline' : 'candidate');

/** What broke a rule is broken, whatever else of the run could not be judged. */
export function lookOf(tried: Tried): Look {
  const { reason, trouble, violations, trace } = tried;
  if (violations.length > 0 || reason === undefined) return { is: 'decided', reason: '', tried };
  if (trouble === undefined && trace.length === 0) return { is: 'skipped', reason, tried };
  const [lacks] = trouble === undefined && isNoRun(trace) ? lackingIn(trace) : [];
  if (lacks !== undefined) return { is: 'skipped', reason: lacks, tried };
  return { is: 'undecided', reason, tried };
}

export const skipped = (reason: string): Look => ({
  is: 'skipped',
  reason,
  tried: { signatures: [], violations: [], verdicts: [], trace: [], reason },
});
