import { printSequence } from '../sequence/print.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { limits } from './limits.ts';
import { type Demand, isGood, isMeasured, type Trust } from './rate.ts';
import type { Budget, Count, Memo, TryOut } from './try-out.ts';

/** Runs candidates and counts, within a budget. What makes one simpler than another is no matter here. */
export type Trials = ReturnType<typeof openTrials>;

type TrialsPlan = {
  signature: string;
  tryOut: TryOut;
  budget: Budget;
  /** Runs side by side. */
  lanes?: number;
  remembered?: Memo;
};

export function openTrials({ signature, tryOut, budget, lanes = 1, remembered = new Map() }: TrialsPlan) {
  const begunMs = performance.now();
  let executions = 0;
  let measuringMs = 0;

  return {
    executions: () => executions,
    isSpent,
    measure,
    firstGood,
  };

  function isSpent(): boolean {
    return executions >= budget.executions || performance.now() - begunMs >= budget.deadlineMs;
  }

  /** How often a sequence breaks the rule. What was counted before counts; a slow one is measured less. */
  async function measure(sequence: Sequence, trust: Trust): Promise<Count> {
    const fromMs = performance.now();
    const isTooSlow = (): boolean =>
      measuringMs + performance.now() - fromMs > limits.measuringShareMax * budget.deadlineMs;
    // No run is begun that is not needed if those under way turn out to be hits.
    const isWanted = ({ ok, of }: Count, out: number): boolean =>
      !isMeasured({ ok: ok + out, of: of + out }, trust) && !(ok > 0 && isTooSlow());
    const count = await runWhile(sequence, isWanted, lanes);
    measuringMs += performance.now() - fromMs;
    return { ...count };
  }

  /**
   * Of candidates in order of preference the first that meets the demand, as far as the budget goes. While one run
   * decides, each lane has a candidate of its own; else all run the same one, since what is tried beside a good one is
   * for nothing.
   */
  async function firstGood<C extends { sequence: Sequence }>(
    candidates: Iterable<C>,
    demand: Demand,
  ): Promise<C | undefined> {
    const oneDecides = 'tries' in demand && demand.tries === 1 && !('leastRate' in demand);
    const [abreast, each] = oneDecides ? [lanes, 1] : [1, lanes];
    // No run is begun that is not needed if those under way turn out to be misses.
    const isOpen = ({ ok, of }: Count, out: number): boolean =>
      isGood({ ok, of: of + out }, demand) === undefined;
    const queue = candidates[Symbol.iterator]();
    const good: C[] = [];
    let places = 0;
    await inLanes(abreast, async () => {
      // Those before a good one are all begun by then, and what comes behind it can't win.
      while (good.length === 0 && !isSpent()) {
        const next = queue.next();
        if (next.done) return;
        const place = places++;
        const count = await runWhile(next.value.sequence, isOpen, each);
        if (isGood(count, demand)) good[place] = next.value;
      }
    });
    return good.find((candidate) => candidate !== undefined);
  }

  /** Runs one sequence as long as more is wanted, given its count and the number of runs under way. */
  async function runWhile(
    sequence: Sequence,
    isWanted: (count: Count, out: number) => boolean,
    abreast: number,
  ): Promise<Count> {
    const count = countOf(sequence);
    let out = 0;
    const lane = async (): Promise<void> => {
      while (!isSpent() && isWanted(count, out)) {
        out++;
        executions++;
        const { signatures } = await tryOut(sequence);
        out--;
        count.of++;
        if (signatures.includes(signature)) count.ok++;
      }
    };
    while (!isSpent() && isWanted(count, 0)) await inLanes(abreast, lane);
    return count;
  }

  function countOf(sequence: Sequence): Count {
    const text = printSequence(sequence);
    const count = remembered.get(text) ?? { ok: 0, of: 0 };
    remembered.set(text, count);
    return count;
  }
}

async function inLanes(lanes: number, lane: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: Math.max(1, lanes) }, lane));
}
