import type { Sequence } from '../sequence/sequence.ts';
import type { Json } from '../sequence/step.ts';

export type Path = readonly (string | number)[];

/** Sets what lies at a path; without `to` it goes. */
export type Edit = { path: Path; to?: Json };

/** What is changed together. */
export type SequenceChange = readonly Edit[];

/** One place that may become simpler: what it may become, the most wanted first. */
export type Site = readonly SequenceChange[];

/** The sequence with the changes made. Paths are those of `sequence`; what lies below a place that goes, goes with it. */
export function applied(sequence: Sequence, change: SequenceChange): Sequence {
  const copy = structuredClone(sequence);
  // From the end, and from the inside out, so that no edit moves what another one's path names.
  for (const edit of change.toSorted((a, b) => -compare(a.path, b.path))) carryOut(edit, copy);
  return copy;
}

function carryOut({ path, to }: Edit, root: object): void {
  const key = path.at(-1);
  const holder = path.slice(0, -1).reduce<unknown>((value, key) => (value as never)?.[key], root);
  if (key === undefined || typeof holder !== 'object' || holder === null) return;
  if (to !== undefined) Object.assign(holder, { [key]: to });
  else if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key as never];
}

function compare(a: Path, b: Path): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [one, other] = [a[i] as string | number, b[i] as string | number];
    if (one !== other) return one < other ? -1 : 1;
  }
  return a.length - b.length;
}
