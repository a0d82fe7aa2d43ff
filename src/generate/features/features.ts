import type { Binary } from '../situation.ts';
import { chains } from './chains.ts';
import { company } from './company.ts';
import { devices } from './devices.ts';
import type { Drawn, Feature } from './feature.ts';
import { filters } from './filters.ts';
import { flows } from './flows.ts';
import { foreign } from './foreign.ts';
import { jobs } from './jobs.ts';
import { numbers } from './numbers.ts';

/** What sequences can hold, a file a group; a feature more is a line in its group's file. */
const groups: Readonly<Record<string, readonly Feature[]>> = {
  jobs,
  numbers,
  company,
  foreign,
  devices,
  filters,
  chains,
  flows,
};

/** How many of the sequences have it; `lacks`: no QEMU that they were for can have it. */
export type FeatureCount = { group: string; feature: string; count: number; lacks?: true };

/** Counts the features of sequences as they come. */
export function countFeatures() {
  const binaries = new Set<Binary>();
  const counts = Object.entries(groups).flatMap(([group, features]) =>
    features.map((feature) => ({ group, feature, count: 0 })),
  );
  const isHad = ({ needs }: Feature, binary: Binary): boolean => needs?.(binary) ?? true;
  return {
    add(drawn: Drawn): void {
      const { binary } = drawn.end;
      binaries.add(binary);
      for (const each of counts) if (each.feature.holds(drawn) && isHad(each.feature, binary)) each.count++;
    },
    result: (): FeatureCount[] =>
      counts.map(({ group, feature, count }) => ({
        group,
        feature: feature.name,
        count,
        ...([...binaries].some((binary) => isHad(feature, binary)) ? {} : { lacks: true as const }),
      })),
  };
}
