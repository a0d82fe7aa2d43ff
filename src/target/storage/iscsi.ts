import { join } from 'node:path';
import { EnvironmentError } from '../../errors.ts';
import { type Network, networkUsable } from '../confine/network.ts';
import type { QemuTarget } from '../programs/binary.ts';
import { findExecutable, findServer } from '../programs/executable.ts';
import { type IscsiSlot, openIscsiSlot } from './iscsi-served.ts';
import { type DriverProbe, hasDriver } from './qemu-driver.ts';
import type { Backend, OpenBackend, StoragePlace, Usable } from './storage.ts';
import type { TgtdPlan } from './tgtd.ts';

/**
 * QEMU's iscsi driver and tgt's server in user space. Each image has a server of its own, so that what is the matter
 * with one is not with the others; a server stays for the images of later sequences. QEMU waits for one that is gone or
 * frozen without end, and is back a second or two after it is.
 */
export const iscsi: Backend = { needsNetwork: true, usable, open };

async function open({ dir, network }: StoragePlace): Promise<OpenBackend> {
  if (!network) throw new EnvironmentError('iSCSI needs a network of its own');
  const slots: IscsiSlot[] = [];

  /** The lowest that is free: servers of the same sequence are called the same each time. */
  function freeSlot(network: Network): IscsiSlot {
    const free = slots.find((slot) => slot.isFree());
    if (free) return free;
    const added = openIscsiSlot(planOf(slots.length, dir, network));
    slots.push(added);
    return added;
  }

  return {
    devices: [],
    serve: (image) => freeSlot(network).serve(image),
    async close() {
      await Promise.all(slots.map((slot) => slot.close()));
    },
    kill() {
      for (const slot of slots) slot.kill();
    },
  };
}

function planOf(number: number, dir: string, network: Network): TgtdPlan {
  return {
    network,
    base: join(dir, `tgt${number}`),
    port: 3260 + number,
    targetName: `iqn.2026-01.example:disk${number}`,
    targetId: 1 + number,
  };
}

async function usable(target: QemuTarget): Promise<Usable> {
  if (!findServer('tgtd') || !findServer('tgtadm'))
    return { usable: false, lacks: 'tgtd is not installed', install: 'tgt' };
  if (!findExecutable('setpriv'))
    return { usable: false, lacks: 'setpriv is not installed', install: 'util-linux' };
  const inNetwork = await networkUsable();
  if (!inNetwork.usable || (await hasDriver(target, driver))) return inNetwork;
  return { usable: false, lacks: `QEMU ${target.label} has no iscsi driver`, install: 'qemu-block-extra' };
}

/** A user without a password. */
const driver: DriverProbe = {
  blockdev: 'driver=iscsi,node-name=probe,transport=tcp,portal=127.0.0.1,target=probe,user=probe',
  refusal: /no password was given/,
};
