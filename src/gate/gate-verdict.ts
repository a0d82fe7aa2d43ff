import type { ItemResult } from './item.ts';
import { limits } from './limits.ts';

export type GateVerdict = 'pass' | 'fail' | 'unknown';

export type WholeVerdict = {
  verdict: GateVerdict;
  /** Why it is `unknown`. */
  why?: string;
  decided: { sequences: number; undecided: { reason: string; count: number }[] };
};

/** What the items come to. `planned`: how many there should be; those that were not reached are among the results. */
export function gateVerdict(
  results: readonly ItemResult[],
  { planned, interrupted }: { planned: number; interrupted: boolean },
): WholeVerdict {
  const undecided = results.filter(({ verdict }) => verdict === 'unknown');
  const skipped = results.filter(({ verdict }) => verdict === 'skipped');
  const sequences = results.length - undecided.length - skipped.length;
  const reasons = Map.groupBy(undecided, ({ reason }) => reason);
  const decided = {
    sequences,
    undecided: [...reasons]
      .map(([reason, those]) => ({ reason, count: those.length }))
      .sort((a, b) => b.count - a.count),
  };
  if (results.some(({ verdict }) => verdict === 'fail')) return { verdict: 'fail', decided };
  const why = unknownBecause({ sequences, undecided, planned, interrupted });
  return why === undefined ? { verdict: 'pass', decided } : { verdict: 'unknown', why, decided };
}

function unknownBecause(of: {
  sequences: number;
  undecided: readonly ItemResult[];
  planned: number;
  interrupted: boolean;
}): string | undefined {
  const { sequences, undecided } = of;
  if (of.interrupted) return 'it was interrupted';
  if (sequences === 0) return 'nothing was decided';
  const hunt = undecided.find(({ item }) => item.name === 'hunt');
  if (hunt) return `the hunt is undecided: ${hunt.reason}`;
  const tried = sequences + undecided.length;
  if (undecided.length > 1 && sequences < tried * limits.decidedShareMin)
    return `${sequences} of ${tried} items were decided, which is too few`;
  const reached = sequences + undecided.length;
  if (reached < of.planned * limits.reachedShareMin)
    return `${reached} of ${of.planned} items were reached in time, which is too few: give it more --time`;
  return undefined;
}
