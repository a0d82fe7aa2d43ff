import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { seedTextFor } from '../../sequence/fill.ts';
import { limits as bootLimits } from '../../sequence/limits.ts';
import { devicesOf, firstDrive, wantsGuest } from '../../sequence/machine.ts';
import { openGuestMachine } from '../../target/guest/guest-machine.ts';
import { bootSector } from '../../trace/boot-sector.ts';
import { deadline } from '../deadline.ts';
import { limits } from '../limits.ts';
import { type Command, isOk, issueAll, type Run } from '../run.ts';
import { plugCommands } from './devices.ts';
import { reset } from './reset.ts';

/**
 * Plugs the arena's devices into the machine. Where steps reach one by its guest, the machine starts, and its guest is
 * waited for; else it stands until a step lets it run. false where QEMU refuses part of it, or no guest boots.
 */
export async function startGuest(run: Run): Promise<boolean> {
  const { serial } = run.session;
  if (!serial) return true;
  const { inOrder, besideBoot } = devicesOf(run.sequence);
  const runs = wantsGuest(run.sequence);
  const areAllVirtio = inOrder.every(({ frontend }) => frontend === 'virtio');
  const rank = (bootIndex: number): { bootIndex?: number } => (areAllVirtio ? {} : { bootIndex });
  const boot = besideBoot ? [bootDisk(run), ...plugBootDisk(rank(0))] : [];
  const bootDrives = besideBoot ? 1 : 0;
  const plugged = inOrder.flatMap((disk, i) =>
    plugCommands(disk, {
      slot: firstSlot + bootDrives + i,
      drive: run.disks.get(disk.name)?.drive ?? disk.name,
      ...rank(bootDrives + i),
    }),
  );
  if (!(await areDone(run, [...boot, ...plugged]))) return false;
  if (!runs) return true;
  // Only a reset tells the BIOS in which order it is to count them.
  if (!areAllVirtio && !(await reset(run))) return false;
  if (!(await areDone(run, [{ name: 'cont', args: {} }]))) return false;

  const guest = openGuestMachine(await serial);
  if (!(await greets(run, guest.greeting))) return false;
  inOrder.forEach(({ name }, i) => {
    const seedText = seedTextFor(name, run.sequence.seed);
    run.writers.open.set(name, guest.disk(firstDrive + bootDrives + i, seedText));
  });
  return true;
}

/** Where no disk of the arena is bootable, one beside them; no disk's name is so long. */
const bootNode = 'mirrorfuzz-guest-boot-disk';

/** 0 and 1 are the chipset's, and 2 is where a display would be. */
const firstSlot = 3;

const areDone = async (run: Run, commands: Command[]): Promise<boolean> =>
  commands.length === 0 || (await issueAll(run, commands)).every(isOk);

const plugBootDisk = (rank: { bootIndex?: number }): Command[] =>
  plugCommands(
    { name: bootNode, format: 'raw', sizeBytes: bootLimits.bootableBytesMin, frontend: 'virtio' },
    { slot: firstSlot, drive: bootNode, ...rank },
  );

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
