import type { Disk, Inject, Layer, Throttle } from '../../sequence/arena.ts';
import type { Draw } from '../draw.ts';
import type { ArenaMaker } from './arena-maker.ts';
import { drawFill, drawShape, drawTargetShape } from './disk-shape.ts';
import { frontend, type PairOptions, pair } from './pair.ts';

/** A pair that steps make fail, or that fails from the start: versions without blockdev-reopen (5.2) know only that. */
export const failingPair =
  (options: PairOptions = {}): ArenaMaker =>
  (draw, binary) => {
    const canFailLater = binary.schema.commands.has('blockdev-reopen');
    return (canFailLater && draw.chance(0.6) ? pair(options) : faultyPair(options))(draw, binary);
  };

/** A pair of which one fails from the start. */
export const faultyPair =
  ({ guest }: PairOptions = {}): ArenaMaker =>
  (draw) => {
    const source = drawShape(draw);
    const sourceFails = draw.chance(0.4);
    const layers = { layers: [{ blkdebug: [drawRule(draw, sourceFails)] }] };
    return {
      disks: [
        {
          name: 'src',
          ...source,
          fill: drawFill(draw),
          ...(guest ? frontend(draw, guest) : {}),
          ...(sourceFails ? { ...layers, frontend: guest ? 'nbd' : 'none' } : {}),
        },
        { name: 'dst', ...drawTargetShape(draw, source.sizeBytes), ...(sourceFails ? {} : layers) },
      ],
    };
  };

/** A pair of which the target may grow by a little only, and finds no space left then; on every version. */
export const tightPair =
  ({ guest }: PairOptions = {}): ArenaMaker =>
  (draw) => {
    const sizeBytes = draw.oneOf([2 ** 20, 2 ** 20, 2 ** 22] as const);
    // Header, tables and a cluster or two of an empty image are 320 KiB (block/qcow2.c, 64 KiB clusters).
    const bytes = draw.int(5, 12) * 65_536;
    const source = draw.oneOf(['qcow2', 'raw'] as const);
    return {
      disks: [
        {
          name: 'src',
          format: source,
          sizeBytes,
          fill: drawFill(draw),
          ...(guest ? frontend(draw, guest) : {}),
        },
        { name: 'dst', format: 'qcow2', sizeBytes, layers: [{ room: { bytes } }] },
      ],
    };
  };

/** Errors that come with the job's requests, not while QEMU opens the image: that would end the sequence. */
function drawRule(draw: Draw, sourceFails: boolean): Inject {
  const errno = draw.oneOf(['EIO', 'EIO', 'ENOSPC', 'EPERM'] as const);
  const once = draw.chance(0.6) ? { once: true } : {};
  if (sourceFails) return { event: 'read_aio', errno, ...once };
  const iotype = draw.oneOf(['write', 'write', 'write-zeroes', 'flush', 'discard'] as const);
  return draw.chance(0.5)
    ? { iotype, errno, ...once }
    : {
        event: draw.oneOf(['write_aio', 'pwritev', 'flush_to_disk', 'cluster_alloc', 'l2_update'] as const),
        errno,
        ...once,
      };
}

/** A pair of which one is slow, as long as its throttle is on: jobs stand still in the middle of a request. */
export const throttledPair =
  ({ guest }: PairOptions = {}): ArenaMaker =>
  (draw) => {
    const source = drawShape(draw);
    const sourceSlow = draw.chance(0.3);
    const layers: { layers: Layer[] } = { layers: [{ throttle: drawLimits(draw) }] };
    const src: Disk = { name: 'src', ...source, fill: drawFill(draw), ...(guest ? { frontend: 'nbd' } : {}) };
    const dst: Disk = { name: 'dst', ...drawTargetShape(draw, source.sizeBytes) };
    return { disks: sourceSlow ? [{ ...src, ...layers }, dst] : [src, { ...dst, ...layers }] };
  };

/** Slow enough to be in the middle of it, quick enough that lifting the limit is felt at once. */
const drawLimits = (draw: Draw): Throttle => {
  const limit = draw.oneOf<Throttle>([
    {},
    { bytesPerSecond: 2 ** 20 },
    { bytesPerSecond: 2 ** 24 },
    { iops: 50 },
  ]);
  const only = draw.oneOf([undefined, undefined, 'reads', 'writes'] as const);
  return only === undefined || Object.keys(limit).length === 0 ? limit : { ...limit, only };
};
