import type { Sequence } from '../sequence/sequence.ts';
import { limits } from './limits.ts';
import type { Known, Pass } from './pass.ts';
import { passes as smallerPasses } from './passes.ts';
import { type Demand, isCertain, leastRate, type Trust, triesFor } from './rate.ts';
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
  const begun = best;
  let rate = await trials.measure(begun, 'few');
  if (rate.ok === 0) return result(sequence, false);
  let trust = (isCertain(rate) ? 'few' : 'none') as Trust;
  let least = leastRate(rate);
  let known: Known = plan.known ?? {};
  const { passes = smallerPasses, order = bySimplicity } = plan;
  const last = passes.at(-1) as Pass;
  let look = 1;
  /** The last sequence whose rate is known, and what has been taken since, each simpler than the one before. */
  let confirmed = best;
  let chain: Sequence[] = [];
  /** All that were confirmed. */
  let way: Sequence[] = [];

  for (let round = 1; ; round++) {
    const before = best;
    for (const pass of passes) {
      best = await reduce(best, pass, { known, oneByOne: round > 1, firstGood: inPass(pass), order });
      if (trust === 'few') await confirm(pass);
    }
    await confirm(last);
    known = {}; // the steps have other numbers now
    if (trials.isSpent()) return result(best, false);
    if (best !== before) look = 1;
    else if (trust === 'few') {
      if (await isLastCertain()) return result(best, true);
    } else if (trust === 'many' || look > 1) return result(best, true);
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
      const measured = await trials.measure(candidate, trust);
      if (trust === 'few' && !isCertain(measured)) {
        await doubt();
        [low, high] = [0, chain.length];
      } else if (trust === 'none' ? measured.ok / measured.of >= least : isCertain(measured)) {
        rate = measured;
        confirmed = candidate;
        way.push(candidate);
        low = i + 1;
      } else high = i;
    }
    chain = [];
    if (best !== confirmed) report(confirmed, pass);
    best = confirmed;
  }

  /** A few hits in a row were luck, here or before: how often it showed at first is counted, and the way gone back. */
  async function doubt(): Promise<void> {
    rate = await trials.measure(begun, 'none');
    trust = isCertain(rate) ? 'many' : 'none';
    least = leastRate(rate);
    confirmed = begun;
    [chain, way] = [[...way, ...chain], []];
  }

  /** A few hits made each step of the way; the last one is handed out as certain only after more. Else the way is gone back. */
  async function isLastCertain(): Promise<boolean> {
    const measured = await trials.measure(best, 'many');
    if (isCertain(measured)) {
      rate = measured;
      return true;
    }
    await doubt();
    await confirm(last);
    return false;
  }

  function report(sequence: Sequence, { name }: Pass): void {
    plan.onProgress?.({ sequence, pass: name, executions: trials.executions(), rate });
  }

  function demand(): Demand {
    const tries = triesFor(rate) * look;
    switch (trust) {
      case 'few':
        return { tries };
      case 'many':
        return { inARow: limits.hitsOfCertain };
      case 'none':
        return { tries, leastRate: least };
      default:
        return trust satisfies never;
    }
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
