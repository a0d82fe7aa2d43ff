import { closeSync, linkSync, openSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError, UsageError } from '../../errors.ts';
import type { ServerState } from '../../sequence/step.ts';
import { limits } from '../limits.ts';
import { findExecutable } from '../programs/executable.ts';
import { attachLoop, copyInto, freeLoop, type LoopDevice } from './loop-device.ts';
import { lengthServed } from './room-to-grow.ts';
import type { Backend, Became, ImageToServe, Served } from './storage.ts';

/**
 * Each image on a loop device, which QEMU opens as `host_device`. QEMU sees only devices that were there when it
 * started, so a session has a few, each over a file that stays; an image moves into that file, and becomes a link to it.
 */
export const block: Backend = {
  needsNetwork: false,
  async usable() {
    if (process.geteuid?.() !== 0) return { usable: false, lacks: 'loop devices are for root only' };
    if (!findExecutable('losetup'))
      return { usable: false, lacks: 'losetup is not installed', install: 'mount' };
    return (await freeLoop()) ? { usable: true } : { usable: false, lacks: 'no loop device is free' };
  },
  async open({ dir }) {
    const slots: Slot[] = [];
    const releaseAll = (): void => {
      for (const { device } of slots) device.release();
    };
    try {
      while (slots.length < limits.loopDevices)
        slots.push(await openSlot(join(dir, `loop${slots.length}.img`)));
    } catch (error) {
      releaseAll();
      throw error;
    }
    return {
      devices: slots.map(({ device }) => device.path),
      serve: async (image) => serveOn(slotFor(slots, image), image),
      async close() {
        releaseAll();
        for (const { file } of slots) rmSync(file, { force: true });
      },
      kill: releaseAll,
    };
  },
};

type Slot = { file: string; device: LoopDevice; inUse: boolean };

async function openSlot(file: string): Promise<Slot> {
  closeSync(openSync(file, 'w', 0o600));
  const device = await attachLoop(file).catch((error: Error) => {
    throw new EnvironmentError(`no loop device: ${error.message}`, 'fewer --workers, or other --storage');
  });
  return { file, device, inUse: false };
}

/** The one that has the image already, else one whose last image is gone: that is a link to the same file. */
function slotFor(slots: readonly Slot[], { name, path }: ImageToServe): Slot {
  const free = slots.filter(({ inUse }) => !inUse);
  const slot =
    free.find(({ file }) => isSameFile(file, path)) ?? free.find(({ file }) => statSync(file).nlink === 1);
  if (slot) return slot;
  throw new UsageError(
    `disk ${name}: a session has ${slots.length} loop devices, and others have them`,
    'fewer disks on storage "block"',
  );
}

async function serveOn(slot: Slot, image: ImageToServe): Promise<Served> {
  const { device, file } = slot;
  const lengthBytes = lengthServed(image.path);
  slot.inUse = true;
  try {
    await moveInto(file, image.path);
    truncateSync(file, lengthBytes);
    await device.reload();
  } catch (error) {
    slot.inUse = false;
    throw error;
  }
  return {
    node: { driver: 'host_device', filename: device.path },
    url: device.path,
    become: (state) => become(device, state),
    async stop() {
      if (!slot.inUse) return;
      await device.flush();
      slot.inUse = false;
    },
  };
}

/** The file stays the one that the device stands on. */
async function moveInto(file: string, path: string): Promise<void> {
  if (isSameFile(file, path)) return;
  await copyInto(file, path);
  rmSync(path);
  linkSync(file, path);
}

function isSameFile(a: string, b: string): boolean {
  return statSync(a).ino === statSync(b).ino;
}

async function become(device: LoopDevice, state: ServerState): Promise<Became> {
  switch (state) {
    case 'well':
    case 'read-only':
      await device.setReadOnly(state === 'read-only');
      return { outcome: 'armed' };
    case 'full':
      return refused('a loop device gets smaller only by losing what lies beyond its new end');
    case 'failing':
      return refused('a loop device fails only where the file below it does');
    case 'removed':
      return refused('the kernel removes no loop device that is open');
    case 'killed':
    case 'suspended':
    case 'cut':
    case 'slow':
      return refused('a loop device has no server: the kernel serves it');
  }
}

function refused(text: string): Became {
  return { outcome: 'refused', text };
}
