import type { Disk, Layer } from '../../sequence/arena.ts';
import type { Draw } from '../draw.ts';
import type { Binary } from '../situation.ts';
import { hasDriver } from '../steps/command.ts';
import type { ArenaMaker } from './arena-maker.ts';
import { drawFill, drawShape, drawTargetShape } from './disk-shape.ts';
import {
  arenaOf,
  bare,
  type FilterKind,
  filterKinds,
  type Stack,
  withFilter,
  withPast,
} from './filter-stack.ts';
import type { PairOptions } from './pair.ts';

/** A source below filters, or a chain with them on its top, and a target that may have some, too. */
export const filteredPair =
  ({ guest }: PairOptions = {}): ArenaMaker =>
  (draw, binary) => {
    const shape = drawWhole(draw);
    const isChain = shape.format === 'qcow2' && draw.chance(0.4);
    const base: Disk = {
      name: 'base',
      ...shape,
      format: draw.oneOf(['qcow2', 'raw'] as const),
      fill: 'seeded',
    };
    delete base.clusterBytes;
    const src: Disk = {
      name: 'src',
      ...shape,
      fill: drawFill(draw),
      ...(isChain ? { backing: 'base' } : {}),
      ...(guest ? { frontend: 'nbd' } : {}),
    };
    const source = withPast(binary, drawStack(draw, binary, bare(withPreallocation(draw, binary, src))));
    const dst: Disk = { name: 'dst', ...drawTargetShape(draw, source.sizeBytes) };
    const target = draw.chance(0.5)
      ? drawStack(draw, binary, bare(withPreallocation(draw, binary, dst)), forTargets)
      : bare(dst);
    const arena = arenaOf([source, target]);
    return isChain ? { ...arena, disks: [base, ...arena.disks] } : arena;
  };

/** Disks that share the limits of one throttle group. */
export const sharedThrottle =
  ({ guest }: PairOptions = {}): ArenaMaker =>
  (draw) => {
    const shape = drawWhole(draw);
    const limit = draw.oneOf<{ bytesPerSecond?: number; iops?: number }>([
      {},
      { bytesPerSecond: 2 ** 20 },
      { bytesPerSecond: 2 ** 24 },
      { iops: 50 },
    ]);
    const layers: Layer[] = [{ throttle: { ...limit, group: 'group0' } }];
    const disk = (name: string): Disk => ({
      name,
      ...shape,
      fill: drawFill(draw),
      ...(guest ? { frontend: 'nbd' } : {}),
    });
    const dst: Disk = { name: 'dst', ...drawTargetShape(draw, shape.sizeBytes) };
    return {
      throttleGroups: ['group0'],
      disks: [
        { ...disk('src'), layers },
        draw.chance(0.5) ? { ...disk('src2'), layers } : disk('src2'),
        draw.chance(0.6) ? { ...dst, layers } : dst,
      ],
    };
  };

/**
 * One or two nodes over the disk, now and then the same twice. Compress is rarer: on 10.0 and 11.1 a mirror of such a node
 * hangs, which takes half a minute each time.
 */
function drawStack(
  draw: Draw,
  binary: Binary,
  stack: Stack,
  kinds: readonly FilterKind[] = filterKinds,
): Stack {
  const one = (below: Stack): Stack => {
    const kind = draw.anyOf(kinds) ?? 'throttle';
    return withFilter(draw, binary, below, kind === 'compress' && draw.chance(0.15) ? 'copy-on-read' : kind);
  };
  const once = one(stack);
  return draw.chance(0.3) ? one(once) : once;
}

/** A target keeps its size and what it is; a twin would have to hold what it held. */
const forTargets = [
  'throttle',
  'compress',
  'compress',
  'compress',
  'copy-on-read',
  'copy-before-write',
  'blklogwrites',
  'blkverify',
] as const;

/** A qcow2 image's file may be longer than it must be; a raw one's length is its size. */
const withPreallocation = (draw: Draw, binary: Binary, disk: Disk): Disk =>
  disk.format === 'qcow2' && hasDriver(binary, 'preallocate') && draw.chance(0.2)
    ? { ...disk, layers: [{ preallocate: {} }] }
    : disk;

/** Filters and their twins are of whole sectors, and want something to look at. */
function drawWhole(draw: Draw): ReturnType<typeof drawShape> {
  const shape = drawShape(draw);
  const sizeBytes = Math.max(65_536, shape.sizeBytes - (shape.sizeBytes % 512));
  return { ...shape, sizeBytes };
}
