import { join } from 'node:path';
import { EnvironmentError } from '../../errors.ts';
import type { Storage } from '../../sequence/arena.ts';
import { installPackages } from '../install/install-command.ts';
import type { QemuTarget } from '../programs/binary.ts';
import { findExecutable } from '../programs/executable.ts';
import { type ServedByNbd, servedByNbd } from './nbd-served.ts';
import { daemon } from './nbd-servers/daemon.ts';
import { nbdkit } from './nbd-servers/nbdkit.ts';
import { qemuNbd } from './nbd-servers/qemu-nbd.ts';
import type { NbdServer } from './nbd-servers/server.ts';
import type { Backend, Served, Usable } from './storage.ts';

/** Each image on an NBD server of its own, by unix socket: no network is needed, and no privilege. */
export const nbd: Backend = {
  needsNetwork: false,
  async usable(target) {
    const found = usableNbd('qemu-nbd', target);
    return found.usable ? found : usableNbd('daemon', target);
  },
  async open({ dir, target }) {
    const bySlot = new Map<number, ServedByNbd>();
    return {
      devices: [],
      async serve(image): Promise<Served> {
        const server = serverFor(image.options, target);
        const slot = lowestFree(bySlot);
        const served = servedByNbd(image, { server, target, base: join(dir, `nbd${slot}`) });
        bySlot.set(slot, served);
        const stop = async (): Promise<void> => {
          await served.stop();
          if (bySlot.get(slot) === served) bySlot.delete(slot);
        };
        try {
          await served.start();
        } catch (error) {
          await stop();
          throw error;
        }
        return { ...served, stop };
      },
      async close() {
        await Promise.all([...bySlot.values()].map((served) => served.stop()));
        bySlot.clear();
      },
      kill() {
        for (const served of bySlot.values()) served.kill();
      },
    };
  },
};

/** Whether what that server is started with is there. */
export const usableNbd = (server: keyof typeof servers, target: QemuTarget): Usable =>
  findExecutable('setpriv') ? servers[server].usable(target) : withoutSetpriv;

const withoutSetpriv: Usable = {
  usable: false,
  lacks: 'setpriv is not installed, and a server would outlive mirrorfuzz without it',
  install: 'util-linux',
};

const servers = { 'qemu-nbd': qemuNbd, daemon, nbdkit };

function serverFor(options: Storage, target: QemuTarget): NbdServer {
  const wanted = typeof options === 'object' && 'nbd' in options ? options.nbd.server : undefined;
  const server = wanted ? servers[wanted] : qemuNbd.usable(target).usable ? qemuNbd : daemon;
  const found = server.usable(target);
  if (found.usable) return server;
  const { lacks, install } = found;
  throw new EnvironmentError(`no NBD server: ${lacks}`, install && installPackages(install));
}

/** Sockets of the same sequence are called the same each time. */
function lowestFree(used: Map<number, unknown>): number {
  let slot = 0;
  while (used.has(slot)) slot++;
  return slot;
}
