import type { Disk } from '../../sequence/arena.ts';
import type { Draw } from '../draw.ts';

type Shape = Pick<Disk, 'format' | 'sizeBytes' | 'clusterBytes'>;

/**
 * Sizes that a small copy is done with in a millisecond or two. Few of them, so that templates are mostly there
 * already. The odd ones are no multiple of a sector, a cluster or a granularity, and ends are where copying goes wrong;
 * raw only.
 */
export function drawShape(draw: Draw): Shape {
  const format = draw.oneOf(['qcow2', 'qcow2', 'raw'] as const);
  const sizeBytes = draw.weighted(format === 'raw' ? [...sizes, ...oddSizes] : sizes) ?? mebibyte;
  return { format, sizeBytes, ...clusters(draw, format) };
}

/** A disk that can take a copy of one of that size: another format, other clusters, the same length. */
export function drawTargetShape(draw: Draw, sizeBytes: number): Shape {
  const format = sizeBytes % 512 === 0 ? draw.oneOf(['qcow2', 'qcow2', 'raw'] as const) : 'raw';
  return { format, sizeBytes, ...clusters(draw, format) };
}

const mebibyte = 2 ** 20;
const sizes: [number, number][] = [
  [10, mebibyte],
  [4, 256 * 1024],
  [2, 64 * 1024],
  [2, mebibyte + 512],
  [1, 4 * mebibyte],
  [0.3, 0],
];
const oddSizes: [number, number][] = [
  [2, mebibyte + 1],
  [2, 100_000],
];

const clusters = (draw: Draw, format: Disk['format']): Pick<Disk, 'clusterBytes'> =>
  format === 'qcow2' && draw.chance(0.15) ? { clusterBytes: draw.oneOf([512, 4096, 2 ** 21]) } : {};

/** What a source holds: mostly a quarter of its clusters. */
export const drawFill = (draw: Draw): NonNullable<Disk['fill']> =>
  draw.oneOf(['seeded', 'seeded', 'seeded', 'seeded', 'full', 'empty'] as const);
