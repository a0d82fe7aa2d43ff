import { rmSync } from 'node:fs';
import { EnvironmentError } from '../../errors.ts';
import type { Network } from '../confine/network.ts';
import { installPackages } from '../install/install-command.ts';
import { type Ganesha, prepareGanesha, registrySocketOf, startGanesha } from './ganesha.ts';
import { startFront } from './nfs-front-process.ts';
import type { NfsFault } from './nfs-reply.ts';

/** A session's NFS server with its front: what QEMU sees of it, by the address that it asks at. */
export type NfsServer = {
  serve(address: string, fault: NfsFault | undefined): Promise<void>;
  cut(address: string): Promise<void>;
  /** What one image asks the server to be: killed if any wants it killed, else suspended if any does. */
  wish(address: string, condition: ServerCondition): Promise<void>;
  /** Nothing of that address is on its way any more afterwards, and its wishes are forgotten. */
  leave(address: string): Promise<void>;
  close(): Promise<void>;
  kill(): void;
};

export type ServerCondition = 'running' | 'suspended' | 'killed';

/** `exported`: the directory with the images; `dir`: the server's own. EnvironmentError: it does not start. */
export async function startNfsServer(place: {
  network: Network;
  exported: string;
  dir: string;
}): Promise<NfsServer> {
  const plan = { ...place, nfsPort: 20490, mountPort: 20480 };
  const wishes = new Map<string, ServerCondition>();
  prepareGanesha(plan);
  const front = await startFront({
    network: place.network,
    registrySocket: registrySocketOf(place.dir),
    serverPort: plan.nfsPort,
    mountPort: plan.mountPort,
  });
  let ganesha: Ganesha = startGanesha(plan);
  let condition: ServerCondition = 'running';
  let turn = Promise.resolve();

  async function open(): Promise<void> {
    const failed = (cause?: unknown) => {
      throw new EnvironmentError(
        `nfs-ganesha does not start: ${ganesha.lastWords()}`,
        installPackages('nfs-ganesha nfs-ganesha-vfs'),
        { cause },
      );
    };
    await Promise.race([front.carryOut({ do: 'open' }).catch(failed), ganesha.exit.then(failed)]);
  }

  async function be(next: ServerCondition): Promise<void> {
    if (next === condition) return;
    if (next === 'killed') {
      await front.carryOut({ do: 'shut' });
      await ganesha.kill();
    } else if (condition === 'killed') {
      ganesha = startGanesha(plan);
      await open();
    }
    if (next === 'suspended') await ganesha.suspend();
    else if (condition === 'suspended') ganesha.resume();
    condition = next;
  }

  /** One at a time: images change their minds independently. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  }
  const wanted = (): ServerCondition => {
    const all = [...wishes.values()];
    return all.includes('killed') ? 'killed' : all.includes('suspended') ? 'suspended' : 'running';
  };
  const mustLive = (): void => {
    if (condition === 'killed' || !ganesha.isGone()) return;
    throw new EnvironmentError(`nfs-ganesha has ended by itself: ${ganesha.lastWords()}`);
  };
  const server: NfsServer = {
    async serve(address, fault) {
      mustLive();
      await front.carryOut({ do: 'serve', address, fault });
    },
    cut: (address) => front.carryOut({ do: 'cut', address }),
    wish: (address, wish) =>
      inTurn(() => {
        wishes.set(address, wish);
        return be(wanted());
      }),
    leave: (address) =>
      inTurn(async () => {
        wishes.delete(address);
        mustLive();
        // A stopped server finishes nothing.
        if (condition === 'suspended') await be('running');
        await front.carryOut({ do: 'leave', address });
        await be(wanted());
      }),
    async close() {
      await Promise.all([front.close(), ganesha.kill()]);
      rmSync(place.dir, { recursive: true, force: true });
    },
    kill() {
      front.kill();
      void ganesha.kill();
    },
  };
  try {
    await open();
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}
