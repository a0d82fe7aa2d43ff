import { type Disk, deviceOf } from './arena.ts';
import type { Sequence } from './sequence.ts';

/** What QEMU is started with for a sequence, beside its monitor: a session serves sequences that want the same. */
export type Hardware = {
  machine: 'none' | 'pc';
  /** Size of what its IDE slot takes; without a slot absent. IDE devices can't be plugged into a running QEMU. */
  ideBytes?: number;
  /** As `Arena` has it. */
  mallocPerturb?: number;
};

export function hardwareOf({ arena }: Sequence): Hardware {
  const { machine = 'none', disks, mallocPerturb } = arena;
  const ide = disks.find(({ frontend, open }) => frontend === 'ide' && open !== false);
  return {
    machine,
    ...(ide ? { ideBytes: ide.sizeBytes } : {}),
    ...(mallocPerturb === undefined ? {} : { mallocPerturb }),
  };
}

/**
 * The disks that are devices of the machine, in the order in which its BIOS counts them. `besideBoot`: a boot disk of our
 * own comes first, since none of them is bootable and a guest has to boot.
 */
export function devicesOf(sequence: Sequence): { inOrder: Disk[]; besideBoot: boolean } {
  const disks = sequence.arena.disks.filter((disk) => deviceOf(disk) && disk.open !== false);
  // The BIOS counts virtio disks in the order of their slots, and boots from the first one.
  const first = disks.find(({ bootable }) => bootable);
  return {
    inOrder: first ? [first, ...disks.filter((disk) => disk !== first)] : disks,
    besideBoot: wantsGuest(sequence) && !first,
  };
}

/** The number of the first drive, as the BIOS has it. */
export const firstDrive = 0x80;

/** Whether a guest has to boot: some step reaches a disk by its device, through the guest. */
export function wantsGuest({ arena, steps }: Sequence): boolean {
  const devices = new Set(arena.disks.flatMap((disk) => (deviceOf(disk) ? [disk.name] : [])));
  return steps.some((step) => 'guest' in step && step.via === undefined && devices.has(step.disk));
}
