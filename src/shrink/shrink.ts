import type { Sequence } from '../sequence/sequence.ts';
import { limits } from './limits.ts';
import type { Known, Pass } from './pass.ts';
import { passes as smallerPasses } from './passes.ts';
import { type Demand, isCertain, leastRate, triesFor } from './rate.ts';
import { type Candidate, reduce, type SequenceOrder } from './reduce.ts';
import { bySimplicity } from './simplicity.ts';
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
  /** What is known of the failure; it steers the first round. */
  known?: Known;
  /** What is tried, and which of two sequences is the better one; smaller ones when absent. */
  passes?: readonly Pass[];
  order?: SequenceOrder;
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
  let rate = await trials.measure(best, false);
  if (rate.ok === 0) return result(sequence, false);
  // One hit is trusted while the failure always shows. Else, and once that was wrong, each candidate is measured.
  let inDoubt = !isCertain(rate);
  let least = leastRate(rate);
  let known: Known = plan.known ?? {};
  const { passes = smallerPasses, order = bySimplicity } = plan;
  let look = 1;
  /** The last sequence whose rate is known, and what has been taken since, each simpler than the one before. */
  let confirmed = best;
  let chain: Sequence[] = [];

  for (let round = 1; ; round++) {
    const before = best;
    for (const pass of passes) {
      best = await reduce(best, pass, { known, oneByOne: round > 1, firstGood: inPass(pass), order });
      if (!inDoubt) await confirm(pass);
    }
    await confirm(passes.at(-1) as Pass);
    known = {}; // the steps have other numbers now
    if (trials.isSpent()) return result(best, false);
    if (best !== before) look = 1;
    else if (!inDoubt || look > 1) return result(best, true);
    else look = limits.lastLookFactor;
  }

  function inPass(pass: Pass) {
    return async (candidates: Iterable<Candidate>): Promise<Candidate | undefined> => {
      const good = await trials.firstGood(candidates, demand());
      if (!good) return undefined;
      chain.push(good.sequence);
      report(good.sequence, pass);
      return good;
    };
  }

  /** Goes back to the smallest that shows the failure often enough; by halving, since what made it rare stays gone. */
  async function confirm(pass: Pass): Promise<void> {
    let [low, high] = [0, chain.length];
    for (let i = high - 1; low < high; i = (low + high) >> 1) {
      const candidate = chain[i] as Sequence;
      const measured = await trials.measure(candidate, inDoubt);
      if (measured.ok / measured.of >= least) {
        rate = measured;
        if (isCertain(measured)) least = Math.max(least, leastRate(measured));
        confirmed = candidate;
        low = i + 1;
      } else high = i;
      inDoubt ||= !isCertain(measured);
    }
    chain = [];
    if (best !== confirmed) report(confirmed, pass);
    best = confirmed;
  }

  function report(sequence: Sequence, { name }: Pass): void {
    plan.onProgress?.({ sequence, pass: name, executions: trials.executions(), rate });
  }

  function demand(): Demand {
    const tries = triesFor(rate) * look;
    return inDoubt ? { tries, leastRate: least } : { tries };
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
