import type { Disk } from '../../sequence/arena.ts';
import type { Draw } from '../draw.ts';
import type { Binary } from '../situation.ts';
import type { ArenaMaker } from './arena-maker.ts';
import { drawTargetShape } from './disk-shape.ts';
import { drawOther } from './other-formats.ts';
import type { PairOptions } from './pair.ts';

/**
 * A chain of layers that are not alike: shorter or longer than what lies on them, of other clusters, with zero clusters
 * over data, compressed, shared with a second disk, read-only, or opened as the header above says.
 */
export const layered =
  ({ guest }: PairOptions = {}): ArenaMaker =>
  (draw, binary) => {
    const sizeBytes = draw.oneOf([2 ** 20, 2 ** 20, 256 * 1024, 2 ** 20 + 512]);
    const depth = draw.int(2, 4);
    // QEMU opens by itself what it finds named in a header; such nodes have no names that a command could use.
    const isImplicit = draw.chance(0.2);
    const isShared = !isImplicit && draw.chance(0.25);
    const below = Array.from({ length: depth - 1 }, (_, level): Disk => {
      const name = level === 0 ? 'base' : `mid${level}`;
      const format = level === 0 ? draw.oneOf(['qcow2', 'qcow2', 'raw'] as const) : 'qcow2';
      return {
        name,
        ...drawLayer(
          draw,
          format,
          drawLength(draw, sizeBytes, format),
          level === 0 ? undefined : nameOf(level - 1),
        ),
        ...(isImplicit ? { open: false } : draw.sometimes(0.18, { readOnly: true })),
      };
    });
    const above = (name: string): Disk => ({
      name,
      ...drawLayer(draw, 'qcow2', sizeBytes, nameOf(depth - 2)),
      ...(guest || draw.chance(0.2) ? { frontend: 'nbd' } : {}),
    });
    return {
      disks: [
        ...below,
        above('src'),
        ...(isShared ? [above('src2')] : []),
        ...drawTarget(draw, binary, sizeBytes, isImplicit),
      ],
    };
  };

const nameOf = (level: number): string => (level === 0 ? 'base' : `mid${level}`);

/** Like the others, shorter, longer; a raw one may end within a sector. */
function drawLength(draw: Draw, sizeBytes: number, format: Disk['format']): number {
  const wanted = draw.weighted([
    [4, sizeBytes],
    [2, sizeBytes / 2],
    [1, 65_536 + 512],
    [2, sizeBytes + 65_536],
    [1, sizeBytes + 512],
    [1, 2 * sizeBytes],
  ]);
  const length = wanted ?? sizeBytes;
  return format === 'raw' && draw.chance(0.4) ? length - draw.oneOf([1, 511]) : length - (length % 512);
}

function drawLayer(
  draw: Draw,
  format: Disk['format'],
  sizeBytes: number,
  backing: string | undefined,
): Omit<Disk, 'name'> {
  const fill = draw.oneOf(['seeded', 'seeded', 'full', 'empty'] as const);
  if (format === 'raw') return { format, sizeBytes, fill };
  const clusterBytes = draw.oneOf([undefined, undefined, 512, 4096, 16_384, 2 ** 21]);
  const qcow2 = {
    ...draw.sometimes((clusterBytes ?? 65_536) >= 16_384 ? 0.25 : 0, { extendedL2: true as const }),
    ...draw.sometimes(0.2, { compressed: true as const }),
    ...draw.sometimes(0.2, { snapshots: draw.int(1, 3) }),
    ...draw.sometimes(backing === undefined ? 0.4 : 0, { preallocation: 'metadata' as const }),
  };
  return {
    format,
    sizeBytes,
    fill,
    ...(clusterBytes === undefined ? {} : { clusterBytes }),
    ...(backing === undefined ? {} : { backing }),
    ...(draw.chance(0.35) ? { zeroes: drawZeroes(draw, sizeBytes) } : {}),
    ...(Object.keys(qcow2).length > 0 ? { qcow2: qcow2 as NonNullable<Disk['qcow2']> } : {}),
  };
}

/** The whole disk, its begin, its end, or something within. */
function drawZeroes(draw: Draw, sizeBytes: number): [number, number][] {
  const half = Math.floor(sizeBytes / 1024) * 512;
  const runs: [number, number][] = [
    [0, sizeBytes],
    [0, half],
    [half, sizeBytes - half],
    [Math.floor(half / 2 / 512) * 512, half],
  ];
  return [draw.anyOf(runs) ?? [0, sizeBytes]];
}

/** None, an empty one, one over the same base, one with data in it, or a file that is there already. */
function drawTarget(draw: Draw, binary: Binary, sizeBytes: number, isImplicit: boolean): Disk[] {
  const shape: Disk = {
    name: 'dst',
    ...(draw.chance(0.35) ? { sizeBytes, ...drawOther(draw, binary) } : drawTargetShape(draw, sizeBytes)),
  };
  const kind = draw.oneOf(['none', 'empty', 'empty', 'over base', 'full', 'seeded', 'file'] as const);
  if (kind === 'none') return [];
  if (kind === 'over base' && !isImplicit)
    return [{ name: 'dst', format: 'qcow2', sizeBytes, backing: 'base' }];
  if (kind === 'file') return [{ ...shape, fill: 'seeded', open: false }];
  return [kind === 'full' || kind === 'seeded' ? { ...shape, fill: kind } : shape];
}
