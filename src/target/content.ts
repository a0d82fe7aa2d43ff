import seedrandom from 'seedrandom';
import type { Fill } from '../sequence/arena.ts';
import { limits } from './limits.ts';

/** [offset, length] in bytes. Lists of runs are sorted, disjoint, not touching, within the disk. */
export type Run = [offsetBytes: number, lengthBytes: number];

export const sectorBytes = 512;
const stampBytes = 16;

/**
 * Where a disk's own data lies before the first step: whole sectors, but for the last one of an odd-sized disk.
 * 'seeded' is a quarter of the 64 KiB clusters, drawn from `seedText`, always with the first and the last one.
 */
export function contentRuns(fill: Fill, sizeBytes: number, seedText: string): Run[] {
  if (fill === 'empty') return [];
  if (fill === 'full') return wholeUnits([[0, sizeBytes]], sectorBytes, sizeBytes);
  if (fill === 'seeded') return wholeUnits(seededClusters(sizeBytes, seedText), sectorBytes, sizeBytes);
  return wholeUnits(fill.runs, sectorBytes, sizeBytes);
}

/**
 * What hides the backing file in a new image: qcow2 allocates whole clusters, and what of a cluster lies outside
 * the runs reads as zeroes, not as the backing file.
 */
export function allocatedRuns(runs: readonly Run[], sizeBytes: number, clusterBytes = 65536): Run[] {
  return wholeUnits(runs, clusterBytes, sizeBytes);
}

/**
 * The content at any offset. Each sector repeats one stamp, which no other sector of any disk has: 4 bytes fill id
 * (from `seedText`, no byte of it zero), 4 bytes generation (0: initial content), 8 bytes sector number, all
 * little endian. So a stale or misplaced sector tells where it comes from (`describeSector`).
 */
export function contentBytes(seedText: string, offsetBytes: number, lengthBytes: number): Buffer {
  const firstSector = Math.floor(offsetBytes / sectorBytes);
  const skippedBytes = offsetBytes - firstSector * sectorBytes;
  const bytes = new ArrayBuffer(Math.ceil((skippedBytes + lengthBytes) / sectorBytes) * sectorBytes);
  const view = new DataView(bytes);
  const id = fillId(seedText);
  for (let start = 0, sector = firstSector; start < bytes.byteLength; start += sectorBytes, sector++) {
    const low = sector >>> 0;
    const high = Math.floor(sector / 2 ** 32);
    for (let at = start; at < start + sectorBytes; at += stampBytes) {
      view.setUint32(at, id, true);
      view.setUint32(at + 8, low, true);
      view.setUint32(at + 12, high, true);
    }
  }
  return Buffer.from(bytes, skippedBytes, lengthBytes);
}

/**
 * Reads a stamp back: "initial content of src, sector 17". `seedTexts` are those of the disks there are; another
 * disk's stamp is told by its fill id. undefined: not initial content.
 */
export function describeSector(bytes: Uint8Array, seedTexts: readonly string[] = []): string | undefined {
  if (bytes.length < stampBytes) return undefined;
  const stamp = new DataView(bytes.buffer, bytes.byteOffset, stampBytes);
  const id = stamp.getUint32(0, true);
  if (stamp.getUint32(4, true) !== 0 || !isFillId(id)) return undefined;
  for (let at = stampBytes; at < bytes.length; at++) {
    if (bytes[at] !== bytes[at - stampBytes]) return undefined;
  }
  const sector = stamp.getUint32(8, true) + stamp.getUint32(12, true) * 2 ** 32;
  const owner =
    seedTexts.find((text) => fillId(text) === id) ?? `an unknown disk (fill id ${id.toString(16)})`;
  return `initial content of ${owner}, sector ${sector}`;
}

function fillId(seedText: string): number {
  return (seedrandom(`fill:${seedText}`).int32() | 0x01010101) >>> 0;
}

function isFillId(id: number): boolean {
  return (id & 0x01010101) >>> 0 === 0x01010101;
}

function seededClusters(sizeBytes: number, seedText: string): Run[] {
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
function wholeUnits(runs: readonly Run[], unitBytes: number, sizeBytes: number): Run[] {
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
