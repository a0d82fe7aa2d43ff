import type { Sequence } from '../sequence/sequence.ts';
import type { Trace } from '../trace/observation.ts';
import type { AspectKind } from './aspect.ts';
import type { Difference } from './compare.ts';

/** A sequence that showed a difference; `versions` are those it ran on, and `traces` a run on each, in the order of the values. */
export type Shown<T = Difference> = {
  difference: T;
  versions: readonly string[];
  name: string;
  sequence: Sequence;
  traces?: readonly Trace[];
};

/** Differences of one cause: the same thing, and the same values on the same versions. */
export type Group = {
  what: AspectKind;
  subject: string;
  versions: readonly string[];
  values: readonly string[];
  /** The one version that does otherwise, where there are three or more and the others agree. */
  alone?: string;
  /** How many sequences show it, and how often. */
  sequences: number;
  times: number;
  /** The sequence with the fewest steps of these. */
  smallest: { name: string; step: number; sequence: Sequence; traces?: readonly Trace[] };
};

/** The most frequent first. */
export function groupByCause(shown: readonly Shown[]): Group[] {
  const groups = new Map<string, Shown[]>();
  for (const each of shown) {
    const { what, subject } = each.difference;
    const key = JSON.stringify([what, subject, each.versions, valuesOf(each.difference)]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].map(groupOf).toSorted((a, b) => b.sequences - a.sequences || b.times - a.times);
}

function groupOf(shown: readonly Shown[]): Group {
  const [first] = shown as [Shown];
  const { versions, difference } = first;
  const values = valuesOf(difference);
  const alone = aloneOf(versions, values);
  const smallest = shown.reduce((a, b) => (weightOf(b) < weightOf(a) ? b : a));
  return {
    what: difference.what,
    subject: difference.subject,
    versions,
    values,
    ...(alone === undefined ? {} : { alone }),
    sequences: new Set(shown.map(({ name }) => name)).size,
    times: shown.length,
    smallest: {
      name: smallest.name,
      step: smallest.difference.step,
      sequence: smallest.sequence,
      ...(smallest.traces ? { traces: smallest.traces } : {}),
    },
  };
}

/** A hash says nothing but which are alike. */
function valuesOf({ values }: Difference): readonly string[] {
  const hashes = [...new Set(values.filter((value) => /^[0-9a-f]{64}$/.test(value)))];
  return values.map((value) =>
    hashes.includes(value) ? `content ${String.fromCharCode(65 + hashes.indexOf(value))}` : value,
  );
}

function aloneOf(versions: readonly string[], values: readonly string[]): string | undefined {
  if (versions.length < 3) return undefined;
  const single = values.flatMap((value, i) =>
    values.filter((other) => other === value).length === 1 ? [i] : [],
  );
  const others = new Set(values.filter((_, i) => i !== single[0]));
  return single.length === 1 && others.size === 1 ? versions[single[0] as number] : undefined;
}

const weightOf = ({ sequence }: Shown): number =>
  sequence.steps.length * 1000 + JSON.stringify(sequence).length / 1000;
