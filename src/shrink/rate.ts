import { limits } from './limits.ts';
import type { Count } from './try-out.ts';

/**
 * Whether a rate is known well enough: a rare failure takes more runs to know. In doubt a few hits in a row say
 * nothing: the first of them is why the sequence is looked at.
 */
export function isMeasured({ ok, of }: Count, inDoubt: boolean): boolean {
  if (of >= limits.runsMeasuredRare) return true;
  if (of >= limits.runsMeasured && ok >= limits.hitsMeasured) return true;
  return !inDoubt && of >= limits.hitsMeasured && ok === of;
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

/** What a candidate must show to be taken. Without `leastRate` one hit is enough. */
export type Demand = { tries: number; leastRate?: number };

/** Whether a candidate is to be taken; undefined where more runs have to decide. */
export function isGood({ ok, of }: Count, { tries, leastRate }: Demand): boolean | undefined {
  if (ok === 0) return of >= tries ? false : undefined;
  if (leastRate === undefined) return true;
  const isKnown = ok >= limits.hitsMeasured || of >= limits.runsMeasured;
  if (isKnown && ok / of >= leastRate) return true;
  return of >= limits.runsMeasuredRare ? false : undefined;
}
