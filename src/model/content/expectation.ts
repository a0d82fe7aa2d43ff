import type { Origin } from '../../trace/content-run.ts';

/** What may lie in a stretch of a disk: one of these, or anything. */
export type Origins = ReadonlySet<Origin> | 'any';
export type Stretch = { from: number; to: number; origins: Origins };

/** What may lie in a disk: stretches from 0 to its end, sorted, without gaps; bytes. */
export type Expectation = readonly Stretch[];

export const uniform = (sizeBytes: number, origins: Origins): Expectation =>
  sizeBytes > 0 ? [{ from: 0, to: sizeBytes, origins }] : [];

export const only = (origin: Origin): Origins => new Set([origin]);

export const sizeOf = (expectation: Expectation): number => expectation.at(-1)?.to ?? 0;

/** Where both are known, one of both; as long as the longer one, and past the end of the shorter anything. */
export const either = (a: Expectation, b: Expectation): Expectation => combine(a, b, union);

export function union(a: Origins, b: Origins): Origins {
  return a === 'any' || b === 'any' ? 'any' : a === b ? a : new Set([...a, ...b]);
}

/** Stretch by stretch what `pick` makes of the two; where one of them has ended, of 'any' in its stead. */
export function combine(
  a: Expectation,
  b: Expectation,
  pick: (a: Origins, b: Origins) => Origins,
): Expectation {
  const made: Stretch[] = [];
  let i = 0;
  let j = 0;
  for (let at = 0; ; ) {
    const inA = a[i];
    const inB = b[j];
    if (!inA && !inB) return made;
    const to = Math.min(inA?.to ?? Number.POSITIVE_INFINITY, inB?.to ?? Number.POSITIVE_INFINITY);
    append(made, { from: at, to, origins: pick(inA?.origins ?? 'any', inB?.origins ?? 'any') });
    at = to;
    if (inA?.to === to) i++;
    if (inB?.to === to) j++;
  }
}

/** The part between two offsets. */
export function clip(expectation: Expectation, from: number, to: number): Expectation {
  return expectation.flatMap((stretch) => {
    const part = {
      ...stretch,
      from: Math.max(stretch.from, from),
      to: Math.min(stretch.to, to),
    };
    return part.from < part.to ? [part] : [];
  });
}

/** Appends, and merges with the last one where both hold the very same. */
export function append(stretches: Stretch[], next: Stretch): void {
  const last = stretches.at(-1);
  if (last && last.to === next.from && last.origins === next.origins) last.to = next.to;
  else if (next.to > next.from) stretches.push({ ...next });
}
