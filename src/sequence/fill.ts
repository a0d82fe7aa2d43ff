import seedrandom from 'seedrandom';
import type { Fill } from './arena.ts';
import { limits } from './limits.ts';

/** [offset, length] in bytes. Lists of runs are sorted, disjoint, not touching, within the disk. */
export type ByteRun = [offsetBytes: number, lengthBytes: number];

const sectorBytes = 512;

/**
 * Where a disk's own data lies before the first step: whole sectors, but for the last one of an odd-sized disk.
 * 'seeded' is a quarter of the 64 KiB clusters, drawn from `seedText`, always with the first and the last one.
 */
export function contentRuns(fill: Fill, sizeBytes: number, seedText: string, bootable = false): ByteRun[] {
  const runs = [...filledRuns(fill, sizeBytes, seedText), ...(bootable ? [bootRun] : [])];
  return wholeUnits(runs, sectorBytes, sizeBytes);
}

/** Of a bootable disk: where its boot sector lies. */
export const bootRun: ByteRun = [0, sectorBytes];

function filledRuns(fill: Fill, sizeBytes: number, seedText: string): ByteRun[] {
  if (fill === 'empty') return [];
  if (fill === 'full') return [[0, sizeBytes]];
  return fill === 'seeded' ? seededClusters(sizeBytes, seedText) : fill.runs;
}

/**
 * What hides the backing file in a new image: qcow2 allocates whole clusters, and what of a cluster lies outside
 * the runs reads as zeroes, not as the backing file.
 */
export function allocatedRuns(runs: readonly ByteRun[], sizeBytes: number, clusterBytes = 65536): ByteRun[] {
  return wholeUnits(runs, clusterBytes, sizeBytes);
}

/** The whole clusters within those runs: what of a cluster is no zero is data. The disk's last one ends with the disk. */
export function zeroRuns(runs: readonly ByteRun[], sizeBytes: number, clusterBytes = 65_536): ByteRun[] {
  const clusters = runs.flatMap(([offset, length]): ByteRun[] => {
    const start = Math.ceil(offset / clusterBytes) * clusterBytes;
    const last = Math.min(offset + length, sizeBytes);
    const end = last === sizeBytes ? last : last - (last % clusterBytes);
    return end > start ? [[start, end - start]] : [];
  });
  return wholeUnits(clusters, 1, sizeBytes);
}

/** What the content of a disk is drawn from: no two disks, and no two seeds, have the same. */
export const seedTextFor = (disk: string, seed: number | undefined): string =>
  seed ? `${disk} ${seed}` : disk;

function seededClusters(sizeBytes: number, seedText: string): ByteRun[] {
  const clusterBytes = limits.seededClusterBytes;
  const clusters = Math.ceil(sizeBytes / clusterBytes);
  if (clusters === 0) return [];
  const wanted = Math.min(Math.ceil(clusters / 4), limits.seededBytesMax / clusterBytes);
  const drawn = new Set([0, clusters - 1]);
  const random = seedrandom(`clusters:${seedText}`);
  while (drawn.size < wanted) drawn.add(Math.floor(random() * clusters));
  return [...drawn].map((cluster) => [cluster * clusterBytes, clusterBytes]);
}

/** The runs widened to whole units, clipped to the disk, sorted, and merged where they meet. */
function wholeUnits(runs: readonly ByteRun[], unitBytes: number, sizeBytes: number): ByteRun[] {
  const spans = runs
    .filter(([offset, length]) => length > 0 && offset < sizeBytes)
    .map(([offset, length]) => ({
      start: offset - (offset % unitBytes),
      end: Math.min(Math.ceil((offset + length) / unitBytes) * unitBytes, sizeBytes),
    }))
    .sort((a, b) => a.start - b.start);
  const merged: { start: number; end: number }[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else merged.push(span);
  }
  return merged.map(({ start, end }) => [start, end - start]);
}
