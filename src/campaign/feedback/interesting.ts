import type { Aim, Moment } from '../../generate/aim.ts';
import type { Draw } from '../../generate/draw.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { statusesOf } from './coverage.ts';
import { isEdge } from './novelty.ts';

/** Sequences that showed something no other had shown, to be varied and spliced. */
export type Interesting = {
  /** Takes a run's sequence in where its features hold a new one; returns those. */
  consider(program: string, run: RunShown): string[];
  /** A sequence to start from, given from outside. */
  seed(sequence: Sequence): void;
  /** One or two parents; undefined while there is too little to choose from. */
  parents(draw: Draw): [Sequence, ...Sequence[]] | undefined;
  /** Where jobs stood that have not met all commands of this program yet; undefined while no such moment is known. */
  aim(draw: Draw, program: string): Aim | undefined;
  size(): number;
  featureCount(): number;
  /** Of the features those that are edges of QEMU's code. */
  edgeCount(): number;
  entries(): readonly Entry[];
};

/** What a run showed. `triples`: those of its coverage. */
export type RunShown = {
  sequence?: Sequence;
  features: readonly string[];
  triples: Readonly<Record<string, number>>;
  moments: readonly Moment[];
  elapsedMs: number;
};

export type Entry = {
  sequence: Sequence;
  news: readonly string[];
  chosen: number;
  moments: readonly Moment[];
  elapsedMs: number;
};

/** Keeps at most `entriesMax`; of more, those that were chosen often and brought little go. */
export function openInteresting(entriesMax: number): Interesting {
  const known = new Set<string>();
  let edges = 0;
  /** Of each program and status the commands that were answered in it. */
  const met = new Map<string, Set<string>>();
  /** Of each program, so that each is taken apart once: a lab's coordinator meets hundreds of them in every shard. */
  const triplesMet = new Map<string, Set<string>>();
  let entries: Entry[] = [];

  return {
    consider(program, { sequence, features, triples, moments, elapsedMs }) {
      noteMet(program, triples);
      const news = features.filter((feature) => !known.has(`${program} ${feature}`));
      for (const feature of news) known.add(`${program} ${feature}`);
      edges += news.filter(isEdge).length;
      if (sequence && news.length > 0) keep({ sequence, news, chosen: 0, moments, elapsedMs });
      return news;
    },
    seed: (sequence) => keep({ sequence, news: [], chosen: 0, moments: [], elapsedMs: 0 }),
    parents(draw) {
      if (entries.length < entriesMin) return undefined;
      const first = choose(draw);
      const second = draw.chance(spliceShare) ? choose(draw) : undefined;
      return second && second !== first ? [first.sequence, second.sequence] : [first.sequence];
    },
    aim(draw, program) {
      const drawn = Array.from({ length: aimsDrawn }, () => aimAt(draw, program)).filter((each) => !!each);
      return drawn.length === 0 ? undefined : drawn.reduce((a, b) => (metBy(b) < metBy(a) ? b : a));
    },
    size: () => entries.length,
    featureCount: () => known.size,
    edgeCount: () => edges,
    entries: () => entries,
  };

  function noteMet(program: string, triples: RunShown['triples']): void {
    const before = triplesMet.get(program) ?? new Set();
    triplesMet.set(program, before);
    for (const triple of Object.keys(triples)) {
      if (before.has(triple)) continue;
      before.add(triple);
      const [status, command] = triple.split(' ') as [string, string];
      const where = `${program} ${status}`;
      const commands = met.get(where) ?? new Set();
      met.set(where, commands.add(command));
    }
  }

  function aimAt(draw: Draw, program: string): Aim | undefined {
    const drawn = [draw.anyOf(entries), draw.anyOf(entries)].filter((each) => !!each);
    const entry = drawn.sort((a, b) => a.elapsedMs - b.elapsedMs)[0];
    const moment = entry && draw.anyOf(entry.moments);
    if (!moment) return undefined;
    const together = statusesOf(Object.values(moment.jobs));
    const statuses = [...new Set([together, ...Object.values(moment.jobs)])];
    const metThere = statuses.map(
      (status) => [status, [...(met.get(`${program} ${status}`) ?? [])]] as const,
    );
    return { parent: entry.sequence, moment, together, met: Object.fromEntries(metThere) };
  }

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

/** Variants of what takes long take long too. */
const energy = ({ news, chosen, elapsedMs }: Entry): number =>
  (1 + Math.min(news.length, 10)) / (1 + chosen) / (1 + elapsedMs / usualMs);

const metBy = ({ together, met }: Aim): number => met[together]?.length ?? 0;

/** A sequence without waits. */
const usualMs = 50;
/** Of so many moments the least explored is taken. */
const aimsDrawn = 8;

/** Fewer than that, and every mutant would be of the same few. */
const entriesMin = 10;
const spliceShare = 0.3;
