import { join } from 'node:path';
import { EnvironmentError } from '../../errors.ts';
import type { Errno } from '../../sequence/arena.ts';
import type { ServerState } from '../../sequence/step.ts';
import { networkUsable } from '../confine/network.ts';
import type { QemuTarget } from '../programs/binary.ts';
import { findExecutable, findServer } from '../programs/executable.ts';
import { ganeshaProgram } from './ganesha.ts';
import type { NfsFault } from './nfs-reply.ts';
import { type NfsServer, startNfsServer } from './nfs-server.ts';
import { type DriverProbe, hasDriver } from './qemu-driver.ts';
import type { Backend, OpenBackend, StoragePlace, Usable } from './storage.ts';

/**
 * QEMU's nfs driver and nfs-ganesha, one server for all images of a session: the session's directory is what it exports.
 * A mount is hard: while the server is gone, requests wait. Killed and suspended is the server, hence all of its
 * images; the other states are one image's (nfs-front.ts).
 */
export const nfs: Backend = {
  needsNetwork: true,
  usable: (target) => usable(target),
  open,
};

async function open({ dir, network }: StoragePlace): Promise<OpenBackend> {
  if (!network) throw new EnvironmentError('NFS needs a network of its own');
  const place = { network, exported: dir, dir: join(dir, 'nfs') };
  let starting: Promise<NfsServer> | undefined;
  let running: NfsServer | undefined;
  let over = false;
  let images = 0;

  /** A tenth of a second, and most sessions never have an image there. */
  async function start(): Promise<NfsServer> {
    running = await startNfsServer(place);
    if (over) running.kill();
    return running;
  }

  return {
    devices: [],
    async serve({ path }) {
      starting ??= start();
      const server = await starting;
      const address = addressOf(++images);
      let gone = false;
      await server.serve(address, undefined);
      return {
        node: { driver: 'nfs', server: { type: 'inet', host: address }, path },
        url: `nfs://${address}${path}`,
        async become(state, errno) {
          if (!gone) await change(server, address, state, errno);
          return { outcome: 'armed' };
        },
        async stop() {
          if (gone) return;
          gone = true;
          await server.leave(address);
        },
      };
    },
    async close() {
      over = true;
      await starting?.catch(() => {});
      await running?.close();
    },
    kill() {
      over = true;
      running?.kill();
    },
  };
}

async function change(server: NfsServer, address: string, state: ServerState, errno?: Errno): Promise<void> {
  await server.serve(address, faultOf(state, errno));
  if (state === 'cut') await server.cut(address);
  await server.wish(address, state === 'killed' || state === 'suspended' ? state : 'running');
}

function faultOf(state: ServerState, errno: Errno = 'EIO'): NfsFault | undefined {
  switch (state) {
    case 'well':
    case 'killed':
    case 'suspended':
    case 'cut':
      return undefined;
    case 'slow':
      return { kind: 'slow' };
    case 'failing':
      return { kind: 'refuse', calls: 'writes', status: errno };
    case 'full':
      return { kind: 'refuse', calls: 'allocations', status: 'ENOSPC' };
    case 'read-only':
      return { kind: 'refuse', calls: 'changes', status: 'EROFS' };
    case 'removed':
      return { kind: 'refuse', calls: 'all', status: 'ESTALE' };
  }
}

/** 127.1.0.1 and on: never the same twice in a session, so that an image gets no calls of one before it. */
function addressOf(number: number): string {
  return `127.${1 + ((number >> 16) & 0x7f)}.${(number >> 8) & 0xff}.${number & 0xff}`;
}

async function usable(target: QemuTarget): Promise<Usable> {
  if (process.getuid?.() !== 0) {
    return {
      usable: false,
      lacks: "an NFS server opens files by handle, which is root's (CAP_DAC_READ_SEARCH)",
    };
  }
  if (!findServer(ganeshaProgram))
    return { usable: false, lacks: 'nfs-ganesha is not installed', install: 'nfs-ganesha nfs-ganesha-vfs' };
  if (!findExecutable('setpriv'))
    return { usable: false, lacks: 'setpriv is not installed', install: 'util-linux' };
  const inNetwork = await networkUsable();
  if (!inNetwork.usable || (await hasDriver(target, driver))) return inNetwork;
  return { usable: false, lacks: `QEMU ${target.label} has no nfs driver`, install: 'qemu-block-extra' };
}

/** A path without a directory. */
const driver: DriverProbe = {
  blockdev: 'driver=nfs,node-name=probe,server.type=inet,server.host=127.0.0.1,path=probe',
  refusal: /Invalid URL/,
};
