import { dirname } from 'node:path';
import type { NamedSequence } from '../campaign/run-all.ts';
import type { Finding } from '../findings/finding.ts';
import { byWeight } from '../findings/weight.ts';
import type { StorageKind } from '../sequence/arena.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { fixedStorage, storageVariants } from '../sequence/storage-variants.ts';
import type { Flavour } from '../trace/observation.ts';
import { costMs } from './cost.ts';
import type { Item } from './item.ts';
import { sampled } from './sampled.ts';

export type NamedFinding = { finding: Finding; file: string; sequence: Sequence };

/**
 * Scenarios and regressions in the order of their worth: each once, in either flavour by turns; then in the other
 * flavour; then on the other kinds of storage. Folders of the corpus come by turns, and of each what lies far apart first:
 * wherever the time ends, all kinds have been looked at.
 * `withoutStorage`: those that want a kind of storage that is not to be used.
 */
export function sequenceItems(of: {
  scenarios: readonly NamedSequence[];
  regressions: readonly NamedSequence[];
  flavours: readonly Flavour[];
  storage: readonly StorageKind[];
}): { items: Item[]; withoutStorage: string[] } {
  const { flavours } = of;
  const isUsable = ({ sequence }: NamedSequence): boolean =>
    fixedStorage(sequence).every((kind) => of.storage.includes(kind));
  const all = sampled(
    [
      ...of.regressions.map((each) => ({ ...each, phase: 'regression' as const })),
      ...of.scenarios.map((each) => ({ ...each, phase: 'scenario' as const })),
    ],
    ({ file }) => dirname(file),
  );
  const tiers = all.filter(isUsable).flatMap(({ name, file, sequence, phase }, i) => {
    const wanted = sequence.requires?.flavour;
    const fit = flavours.filter((flavour) => wanted === undefined || flavour === wanted);
    const variants = storageVariants(sequence, of.storage);
    return variants.flatMap((variant, onStorage) =>
      fit.map((_, turn): { tier: number; item: Item } => ({
        tier: onStorage === 0 ? turn : flavours.length + onStorage,
        item: {
          name: `${phase}/${name}`,
          phase,
          title: sequence.title,
          file,
          sequence: variant.sequence,
          flavour: fit[(i + turn) % fit.length] as Flavour,
          ...(variant.storage === undefined ? {} : { storage: variant.storage }),
          costMs: costMs(variant.sequence),
        },
      })),
    );
  });
  return {
    items: tiers.toSorted((a, b) => a.tier - b.tier).map(({ item }) => item),
    withoutStorage: all.filter((each) => !isUsable(each)).map(({ name }) => name),
  };
}

/** Every stored finding, the most serious first: on the program that it was made minimal on, then all on the other one. */
export function findingItems(findings: readonly NamedFinding[], flavours: readonly Flavour[]): Item[] {
  const items = findings
    .toSorted((a, b) => byWeight(a.finding, b.finding))
    .flatMap(({ finding, file, sequence }): Item[] =>
      flavours.map((flavour) => ({
        name: `finding/${finding.id}`,
        phase: 'finding',
        title: finding.title,
        file,
        sequence,
        flavour,
        costMs: costMs(sequence, { hangs: finding.kind === 'hang' }),
        finding,
      })),
    );
  const isOwn = ({ flavour, finding }: Item): boolean => flavour === finding?.flavour;
  return [...items.filter(isOwn), ...items.filter((item) => !isOwn(item))];
}
