import { deviceOf } from './arena.ts';
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

/** Whether a guest has to boot: some step reaches a disk by its device, through the guest. */
export function wantsGuest({ arena, steps }: Sequence): boolean {
  const devices = new Set(arena.disks.flatMap((disk) => (deviceOf(disk) ? [disk.name] : [])));
  return steps.some((step) => 'guest' in step && step.via === undefined && devices.has(step.disk));
}
