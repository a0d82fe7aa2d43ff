import type { Draw } from '../generate/draw.ts';
import type { Sequence } from '../sequence/sequence.ts';

/** Sequences that showed something no other had shown, to be varied and spliced. */
export type Interesting = {
  /** Takes a sequence in where its features hold a new one; returns those. */
  consider(sequence: Sequence | undefined, program: string, features: readonly string[]): string[];
  /** A sequence to start from, given from outside. */
  seed(sequence: Sequence): void;
  /** One or two parents; undefined while there is too little to choose from. */
  parents(draw: Draw): [Sequence, ...Sequence[]] | undefined;
  size(): number;
  featureCount(): number;
  entries(): readonly Entry[];
};

export type Entry = { sequence: Sequence; news: readonly string[]; chosen: number };

/** Keeps at most `entriesMax`; of more, those that were chosen often and brought little go. */
export function openInteresting(entriesMax: number): Interesting {
  const known = new Set<string>();
  let entries: Entry[] = [];

  return {
    consider(sequence, program, features) {
      const news = features.filter((feature) => !known.has(`${program} ${feature}`));
      for (const feature of news) known.add(`${program} ${feature}`);
      if (sequence && news.length > 0) keep({ sequence, news, chosen: 0 });
      return news;
    },
    seed: (sequence) => keep({ sequence, news: [], chosen: 0 }),
    parents(draw) {
      if (entries.length < entriesMin) return undefined;
      const first = choose(draw);
      const second = draw.chance(spliceShare) ? choose(draw) : undefined;
      return second && second !== first ? [first.sequence, second.sequence] : [first.sequence];
    },
    size: () => entries.length,
    featureCount: () => known.size,
    entries: () => entries,
  };

  function keep(entry: Entry): void {
    entries.push(entry);
    if (entries.length <= entriesMax) return;
    const least = entries.reduce((worst, each) => (energy(each) < energy(worst) ? each : worst));
    entries = entries.filter((each) => each !== least);
  }

  /** The best of a few drawn at random: rich and rarely chosen ones come more often, and each has its chance. */
  function choose(draw: Draw): Entry {
    const drawn = Array.from({ length: 3 }, () => entries[draw.int(0, entries.length - 1)] as Entry);
    const best = drawn.reduce((a, b) => (energy(b) > energy(a) ? b : a));
    best.chosen++;
    return best;
  }
}

const energy = ({ news, chosen }: Entry): number => (1 + Math.min(news.length, 10)) / (1 + chosen);

/** Fewer than that, and every mutant would be of the same few. */
const entriesMin = 10;
const spliceShare = 0.3;
