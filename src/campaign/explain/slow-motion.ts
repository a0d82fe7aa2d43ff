import type { Disk } from '../../sequence/arena.ts';
import type { Sequence } from '../../sequence/sequence.ts';

/**
 * The sequence for a QEMU that is as slow as under valgrind: what holds requests back holds them for longer, so that
 * they are still in flight when the next command has been read.
 */
export function slowMotion(sequence: Sequence): Sequence {
  return { ...sequence, arena: { ...sequence.arena, disks: sequence.arena.disks.map(slowDisk) } };
}

const times = 20;

function slowDisk(disk: Disk): Disk {
  if (!disk.layers) return disk;
  const slower = (rate: number): number => Math.max(1, Math.floor(rate / times));
  const layers = disk.layers.map((layer) => {
    if (!('throttle' in layer)) return layer;
    const { iops, bytesPerSecond, only } = layer.throttle;
    return {
      throttle: {
        ...(iops === undefined ? {} : { iops: slower(iops) }),
        ...(only === undefined ? {} : { only }),
        ...(bytesPerSecond === undefined ? {} : { bytesPerSecond: slower(bytesPerSecond) }),
      },
    };
  });
  return { ...disk, layers };
}
