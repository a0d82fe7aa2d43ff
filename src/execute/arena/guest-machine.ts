import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { seedTextFor } from '../../sequence/fill.ts';
import { limits as bootLimits } from '../../sequence/limits.ts';
import { openGuestMachine } from '../../target/guest/guest-machine.ts';
import { bootSector } from '../../trace/boot-sector.ts';
import { deadline } from '../deadline.ts';
import { limits } from '../limits.ts';
import { type Command, isOk, issueAll, type Run } from '../run.ts';

/**
 * Plugs the arena's virtio disks into the machine, lets it start, and waits for its guest; from then on the disks take
 * the guest's requests. false where QEMU refuses part of it, or no guest boots.
 */
export async function startGuest(run: Run): Promise<boolean> {
  const { serial } = run.session;
  if (!serial) return true;
  const disks = run.sequence.arena.disks.filter(
    ({ frontend, open }) => frontend === 'virtio' && open !== false,
  );
  // The BIOS counts drives in the order of their slots, and boots from the first one.
  const first = disks.find(({ bootable }) => bootable);
  const inOrder = first ? [first, ...disks.filter((disk) => disk !== first)] : disks;
  const boot = disks.length > 0 && !first ? [bootDisk(run), plug(bootNode, firstSlot)] : [];
  const bootDrives = boot.length > 0 ? 1 : 0;
  const plugged = inOrder.map((disk, i) => plug(disk.name, firstSlot + bootDrives + i, disk.iothread));
  const started = await issueAll(run, [...boot, ...plugged, { name: 'cont', args: {} }]);
  if (!started.every(isOk)) return false;
  if (disks.length === 0) return true;

  const guest = openGuestMachine(await serial);
  if (!(await greets(run, guest.greeting))) return false;
  inOrder.forEach(({ name }, i) => {
    const seedText = seedTextFor(name, run.sequence.seed);
    run.writers.open.set(name, guest.disk(0x80 + bootDrives + i, seedText));
  });
  return true;
}

/** Id of the device of a virtio disk, or of the boot disk. */
export const deviceId = (disk: string): string => `guest-${disk}`;

/** Where no disk of the arena is bootable, one beside them; no disk's name is so long. */
const bootNode = 'mirrorfuzz-guest-boot-disk';

/** 0 and 1 are the chipset's, and 2 is where a display would be. */
const firstSlot = 3;

function plug(node: string, slot: number, iothread?: string): Command {
  return {
    name: 'device_add',
    args: {
      driver: 'virtio-blk-pci',
      id: deviceId(node),
      drive: node,
      addr: slot.toString(16),
      // Every error is reported to the guest: a machine that stops would hold its requests for ever.
      rerror: 'report',
      werror: 'report',
      ...(iothread === undefined ? {} : { iothread }),
    },
  };
}

function bootDisk({ dir }: Run): Command {
  const filename = join(dir, 'boot-sector.raw');
  const fd = openSync(filename, 'w');
  writeSync(fd, bootSector);
  ftruncateSync(fd, bootLimits.bootableBytesMin);
  closeSync(fd);
  const file = { driver: 'file', filename, 'read-only': true };
  const args: Command['args'] = { driver: 'raw', 'node-name': bootNode, 'read-only': true, file };
  return { name: 'blockdev-add', args };
}

function greets(run: Run, greeting: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const callOff = deadline(run, limits.guestBootDeadlineMs, () => resolve(false));
    greeting.then(
      () => resolve(true),
      () => resolve(false),
    );
    void greeting.finally(callOff).catch(() => {});
  });
}
