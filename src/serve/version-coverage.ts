import type { VersionCoverage } from '../page/live-model.ts';
import { printable } from '../printable.ts';
import { coverageGrid } from '../report/page/coverage-grid.ts';

type Programs = readonly { version: string; sequences: number; triples: Readonly<Record<string, number>> }[];

/** What of the job machine was met on each version, by all hunts that are shown and both flavours; the newest first. */
export function versionCoverage(programs: Programs): VersionCoverage[] {
  const sums = new Map<string, { sequences: number; triples: Record<string, number> }>();
  for (const { version, sequences, triples } of programs) {
    const sum = sums.get(version) ?? { sequences: 0, triples: {} };
    sums.set(version, sum);
    sum.sequences += sequences;
    for (const [triple, times] of Object.entries(triples))
      sum.triples[triple] = (sum.triples[triple] ?? 0) + times;
  }
  return [...sums]
    .sort(([a], [b]) => b.localeCompare(a, 'en', { numeric: true }))
    .map(([version, { sequences, triples }]) => ({
      ...{ version: printable(version), sequences, grid: coverageGrid(triples) },
    }));
}
