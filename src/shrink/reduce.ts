import { isCoherent } from '../sequence/coherent.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { applied, type SequenceChange, type Site } from './change.ts';
import type { Known, Pass } from './pass.ts';
import { bySimplicity } from './simplicity.ts';
import { undecorated } from './undecorated.ts';

/** Negative where the first is the better one; a total order, or shrinking may not end. */
export type SequenceOrder = (a: Sequence, b: Sequence) => number;

/** A simpler sequence, and the site at which it began to differ. */
export type Candidate = { sequence: Sequence; site: number };

/** The first of the candidates that still breaks the rule, or none. */
export type FirstGood = (candidates: Iterable<Candidate>) => Promise<Candidate | undefined>;

/**
 * One pass over its sites: many at once, then half as many, down to one at a time; or one at a time only. After a
 * success it goes on where it was: what stands before has just been shown to be needed.
 */
export async function reduce(
  sequence: Sequence,
  { sites }: Pass,
  how: { known: Known; oneByOne: boolean; firstGood: FirstGood; order?: SequenceOrder },
): Promise<Sequence> {
  let best = sequence;
  for (let size = how.oneByOne ? 1 : sites(best, how.known).length; size >= 1; size = Math.floor(size / 2)) {
    let from: number | undefined = 0;
    while (from !== undefined) {
      const good = await how.firstGood(
        candidates(best, sites(best, how.known), size, from, how.order ?? bySimplicity),
      );
      best = good?.sequence ?? best;
      from = good?.site;
    }
  }
  return best;
}

function* candidates(
  best: Sequence,
  sites: readonly Site[],
  size: number,
  from: number,
  order: SequenceOrder,
): Generator<Candidate> {
  for (let site = from; site < sites.length; site += size) {
    for (const change of changesAt(sites.slice(site, site + size))) {
      const sequence = undecorated(applied(best, change));
      if (order(sequence, best) < 0 && isCoherent(sequence)) yield { sequence, site };
    }
  }
}

/** Of one site everything it may become; of several, the most wanted of each. */
function changesAt(sites: readonly Site[]): readonly SequenceChange[] {
  const [only] = sites;
  return sites.length === 1 && only ? only : [sites.flatMap(([mostWanted = []]) => mostWanted)];
}
