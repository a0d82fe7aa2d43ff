import { limits } from './limits.ts';
import type { Count } from './try-out.ts';

/**
 * What hits in a row say: of a failure that always shows, a few are trusted; where that was wrong, many are wanted.
 * Of one that does not always show they say nothing.
 */
export type Trust = 'few' | 'many' | 'none';

/**
 * Whether a rate is known well enough: a rare failure takes more runs to know. A few hits in a row are weak: the first
 * of them is why the sequence is looked at.
 */
export function isMeasured({ ok, of }: Count, trust: Trust): boolean {
  if (of >= limits.runsMeasuredRare) return true;
  if (of >= limits.runsMeasured && ok >= limits.hitsMeasured) return true;
  const hits = { few: limits.hitsMeasured, many: limits.hitsOfCertain, none: Infinity }[trust];
  return of >= hits && ok === of;
}

export const isCertain = ({ ok, of }: Count): boolean => ok === of;

/** Runs until a candidate as good as this is missed with a chance of `missChance`: (1 - rate)^n. */
export function triesFor(count: Count): number {
  if (isCertain(count)) return 1;
  const tries = Math.ceil(Math.log(limits.missChance) / Math.log(1 - count.ok / count.of));
  return Math.min(limits.triesMax, tries);
}

/** The lowest rate that is no loss; a miss is added, since few runs flatter the rate. */
export const leastRate = ({ ok, of }: Count): number => (limits.rateKept * ok) / (of + 1);

/** What a candidate must show to be taken: one hit in `tries` runs, `inARow` hits and no miss, or a rate. */
export type Demand = { tries: number } | { inARow: number } | { tries: number; leastRate: number };

/** Whether a candidate is to be taken; undefined where more runs have to decide. */
export function isGood({ ok, of }: Count, demand: Demand): boolean | undefined {
  if ('inARow' in demand) return ok < of ? false : of >= demand.inARow || undefined;
  if (ok === 0) return of >= demand.tries ? false : undefined;
  if (!('leastRate' in demand)) return true;
  const isKnown = ok >= limits.hitsMeasured || of >= limits.runsMeasured;
  if (isKnown && ok / of >= demand.leastRate) return true;
  return of >= limits.runsMeasuredRare ? false : undefined;
}
