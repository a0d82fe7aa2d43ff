import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../../errors.ts';
import type { Storage } from '../../sequence/arena.ts';
import { type StorageServer, troublesOf } from '../../sequence/optional.ts';
import type { ServerState } from '../../sequence/step.ts';
import { type Network, openNetwork } from '../confine/network.ts';
import { installPackages } from '../install/install-command.ts';
import { limits } from '../limits.ts';
import { within } from '../process/within.ts';
import type { QemuTarget } from '../programs/binary.ts';
import { openRunRoot } from '../run-dir.ts';
import { backends } from './backends.ts';
import { usableNbd } from './nbd.ts';
import type { Backend, OpenBackend, Usable } from './storage.ts';

/** What is missing, in a clause ("tgtd is not installed"), and the command that mends it where there is one. */
export type Lack = { lacks: string; remedy?: string };

/** `troubles`: states that a server which serves can't take on. */
export type TrialResult = { lack?: Lack; troubles: ReadonlyMap<ServerState, Lack> };

/** Has one server serve a file, and take on every state that sequences ask of it, in a directory of its own. */
export async function tryServer(server: StorageServer, target: QemuTarget): Promise<TrialResult> {
  const backend = backendOf(server);
  const found = await ready(server, backend, target);
  if (!found.usable) return none(lackOf(found));
  const first = await tryOnce(server, backend, target);
  // A loaded machine was seen to fail once at what it can do.
  return first.lack ? tryOnce(server, backend, target) : first;
}

async function tryOnce(server: StorageServer, backend: Backend, target: QemuTarget): Promise<TrialResult> {
  const root = await openRunRoot();
  const opened: Opened = {};
  try {
    const trial = tryStates(server, backend, { target, dir: root.sessionDir(), opened });
    trial.catch(() => {}); // one that comes too late is heard by nobody
    return (await within(trial, undefined, limits.serverTrialDeadlineMs)) ?? none(tooSlow(server));
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return none(brokenLack(server, error));
  } finally {
    opened.backend?.kill();
    opened.network?.kill();
    root.remove();
  }
}

type Opened = { backend?: OpenBackend; network?: Network };

async function tryStates(
  server: StorageServer,
  backend: Backend,
  { target, dir, opened }: { target: QemuTarget; dir: string; opened: Opened },
): Promise<TrialResult> {
  if (backend.needsNetwork) opened.network = await openNetwork();
  opened.backend = await backend.open({ dir, target, network: opened.network });
  const troubles = new Map<ServerState, Lack>();
  const image = { name: 'tried', path: smallFile(dir), readOnly: false, options: optionsOf(server) };
  let served = await opened.backend.serve(image);
  for (const state of troublesOf(server)) {
    try {
      const became = await served.become(state);
      if (became.outcome === 'refused') troubles.set(state, { lacks: became.text });
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      troubles.set(state, brokenLack(server, error));
      await served.stop();
      served = await opened.backend.serve(image);
    }
  }
  await served.become('well');
  await served.stop();
  await opened.backend.close();
  await opened.network?.close();
  return { troubles };
}

/** Whether everything is there that it is started with. */
async function ready(server: StorageServer, backend: Backend, target: QemuTarget): Promise<Usable> {
  switch (server) {
    case 'nbd/qemu-nbd':
      return usableNbd('qemu-nbd', target);
    case 'nbd/daemon':
      return usableNbd('daemon', target);
    case 'nbd/nbdkit':
      return usableNbd('nbdkit', target);
    case 'block':
    case 'iscsi':
    case 'nfs':
      return backend.usable(target);
  }
}

function backendOf(server: StorageServer): Backend {
  const backend = backends[server.startsWith('nbd/') ? 'nbd' : (server as 'block' | 'iscsi' | 'nfs')];
  if (!backend) throw new Error(`no back end has ${server}`);
  return backend;
}

function optionsOf(server: StorageServer): Storage {
  switch (server) {
    case 'nbd/qemu-nbd':
      return { nbd: { server: 'qemu-nbd' } };
    case 'nbd/daemon':
      return { nbd: { server: 'daemon' } };
    case 'nbd/nbdkit':
      return { nbd: { server: 'nbdkit' } };
    case 'block':
    case 'iscsi':
    case 'nfs':
      return server;
  }
}

function smallFile(dir: string): string {
  const path = join(dir, 'tried.raw');
  const fd = openSync(path, 'w', 0o600);
  ftruncateSync(fd, 2 ** 16);
  closeSync(fd);
  return path;
}

const none = (lack: Lack): TrialResult => ({ lack, troubles: new Map() });

const lackOf = ({ lacks, install }: Usable & { usable: false }): Lack => ({
  lacks,
  ...(install === undefined ? {} : { remedy: installPackages(install) }),
});

/** It is installed, and does not work. Its file system part is a package of its own for nfs-ganesha only. */
function brokenLack(server: StorageServer, { message }: EnvironmentError): Lack {
  return { lacks: message, ...(server === 'nfs' ? { remedy: installPackages('nfs-ganesha-vfs') } : {}) };
}

const tooSlow = (server: StorageServer): Lack => ({
  lacks: `${server} was not through its trial after ${limits.serverTrialDeadlineMs / 1000} s`,
});
