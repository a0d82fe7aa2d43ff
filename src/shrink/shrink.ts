import type { Sequence } from '../sequence/sequence.ts';
import { limits } from './limits.ts';
import { type Known, type Pass, passes } from './passes.ts';
import { type Demand, isCertain, leastRate, triesFor } from './rate.ts';
import { type Candidate, reduce } from './reduce.ts';
import { openTrials } from './trials.ts';
import type { Budget, Count, Memo, TryOut } from './try-out.ts';
import { undecorated } from './undecorated.ts';

export type ShrinkPlan = {
  /** A candidate counts only if it breaks this. */
  signature: string;
  tryOut: TryOut;
  budget: Budget;
  /** Candidates tried side by side; 1 when absent. */
  lanes?: number;
  /** Index of the step at which the failure showed. */
  at?: number;
  /** What earlier shrinking learned; what this one learns is added. */
  remembered?: Memo;
  /** Called at each improvement, and where one is taken back, since it made the failure rare. */
  onProgress?(progress: ShrinkProgress): void;
};

export type ShrinkProgress = { sequence: Sequence; pass: string; executions: number; rate: Count };

export type Shrunk = {
  sequence: Sequence;
  /** Of the runs of exactly this sequence. */
  reproduced: Count;
  executions: number;
  steps: number;
  /** false: the budget ended first, or the failure did not show again. */
  complete: boolean;
};

/**
 * The smallest sequence found that still breaks the same rule in the same way: no step of it can be dropped and no
 * argument left out. Never larger than `sequence`; where the failure does not show again it is `sequence` itself.
 */
export async function shrink(sequence: Sequence, plan: ShrinkPlan): Promise<Shrunk> {
  const trials = openTrials(plan);
  let best = undecorated(sequence);
  let rate = await trials.measure(best);
  if (rate.ok === 0) return result(sequence, false);
  // One hit is trusted while the failure always shows; else, and once that was wrong, each candidate is measured.
  let isTrusting = isCertain(rate);
  let least = leastRate(rate);
  let known: Known = plan.at === undefined ? {} : { at: plan.at };
  let look = 1;

  for (let round = 1; ; round++) {
    const before = best;
    for (const pass of passes) await goThrough(pass, round > 1);
    known = {}; // the steps have other numbers now
    if (trials.isSpent()) return result(best, false);
    if (best !== before) look = 1;
    else if (isCertain(rate) || look > 1) return result(best, true);
    else look = limits.lastLookFactor;
  }

  async function goThrough(pass: Pass, oneByOne: boolean): Promise<void> {
    /** What one hit or a few have spoken for, each smaller than the one before. */
    const chain: Sequence[] = [];
    const report = (sequence: Sequence): void =>
      plan.onProgress?.({ sequence, pass: pass.name, executions: trials.executions(), rate });
    const firstGood = async (candidates: Iterable<Candidate>): Promise<Candidate | undefined> => {
      const good = await trials.firstGood(candidates, demand());
      if (good) report(good.sequence);
      if (good) chain.push(good.sequence);
      return good;
    };
    const reached = await reduce(best, pass, { known, oneByOne, firstGood });
    best = await lastConfirmed(best, chain);
    if (best !== reached) report(best);
  }

  /** The smallest of the chain that shows the failure often enough; by halving, since what made it rare stays in. */
  async function lastConfirmed(start: Sequence, chain: readonly Sequence[]): Promise<Sequence> {
    let confirmed = start;
    let [low, high] = [0, chain.length];
    for (let i = high - 1; low < high; i = (low + high) >> 1) {
      const sequence = chain[i] as Sequence;
      const measured = await trials.measure(sequence);
      if (measured.ok / measured.of >= least) {
        rate = measured;
        least = Math.max(least, leastRate(measured));
        isTrusting &&= isCertain(measured);
        confirmed = sequence;
        low = i + 1;
      } else {
        isTrusting = false;
        high = i;
      }
    }
    return confirmed;
  }

  function demand(): Demand {
    const tries = triesFor(rate) * look;
    return isTrusting ? { tries } : { tries, leastRate: least };
  }

  function result(found: Sequence, complete: boolean): Shrunk {
    return {
      sequence: found,
      reproduced: rate,
      executions: trials.executions(),
      steps: found.steps.length,
      complete,
    };
  }
}
