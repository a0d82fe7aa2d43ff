import type { ItemPhase, ItemResult } from './item.ts';
import type { Policy } from './policy.ts';

export type GateVerdict = 'pass' | 'fail' | 'unknown';

export type WholeVerdict = {
  verdict: GateVerdict;
  /** Why it is `unknown`. */
  why?: string;
  decided: { sequences: number; undecided: { reason: string; count: number }[] };
};

/** `planned`: how many of each phase there should be; those that were not reached are among the results. */
type About = {
  planned: Partial<Record<ItemPhase, number>>;
  policy: Pick<Policy, 'decidedShare' | 'reachedShare'>;
  interrupted: boolean;
};

/** What the items come to. */
export function gateVerdict(results: readonly ItemResult[], about: About): WholeVerdict {
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
  const why = unknownBecause(results, { ...about, sequences, undecided });
  return why === undefined ? { verdict: 'pass', decided } : { verdict: 'unknown', why, decided };
}

function unknownBecause(
  results: readonly ItemResult[],
  of: About & { sequences: number; undecided: readonly ItemResult[] },
): string | undefined {
  const { sequences, undecided, planned, policy } = of;
  if (of.interrupted) return 'it was interrupted';
  if (sequences === 0) return 'nothing was decided';
  const hunt = undecided.find(({ item }) => item.name === 'hunt');
  if (hunt) return `the hunt is undecided: ${hunt.reason}`;
  const tried = sequences + undecided.length;
  if (undecided.length > 1 && sequences < tried * policy.decidedShare)
    return `${sequences} of ${tried} items were decided, which is too few`;
  const all = Object.values(planned).reduce((sum, count) => sum + count, 0);
  const missed = results.filter(({ isNotReached }) => isNotReached).length;
  if (all - missed < all * policy.reachedShare)
    return `${all - missed} of ${all} items were reached in time, which is too few: give it more --time`;
  const none = phaseWithoutVerdict(results, planned);
  return none === undefined ? undefined : `no ${phaseWords[none]} was reached in time: give it more --time`;
}

/** A kind of items that were planned, and all of which were too late. */
function phaseWithoutVerdict(
  results: readonly ItemResult[],
  planned: About['planned'],
): ItemPhase | undefined {
  const phases: readonly ItemPhase[] = ['scenario', 'regression', 'finding'];
  return phases.find((phase) => {
    const mine = results.filter(({ item }) => item.phase === phase);
    return (planned[phase] ?? 0) > 0 && mine.every(({ isNotReached }) => isNotReached);
  });
}

const phaseWords: Record<ItemPhase, string> = {
  scenario: 'scenario',
  regression: 'regression',
  finding: 'stored finding',
  hunt: 'hunt',
};
