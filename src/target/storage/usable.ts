import {
  type DeviceFrontend,
  deviceFrontends,
  type StorageKind,
  storageKinds,
} from '../../sequence/arena.ts';
import { deviceModels } from '../../sequence/device-names.ts';
import { type Optional, type StorageServer, storageServers, troublesOf } from '../../sequence/optional.ts';
import type { ServerState } from '../../sequence/step.ts';
import { triedPc } from '../guest/pc-trial.ts';
import { lackOfImageTool } from '../images/image-tool.ts';
import type { QemuTarget } from '../programs/binary.ts';
import { type Lack, type TrialResult, tryServer } from './trial.ts';

export type { Lack } from './trial.ts';

/** An optional thing that a machine can't have with a QEMU, and why. `unasked`: nobody wants it, so nobody misses it. */
export type Without = Lack & { thing: Optional; unasked?: true };

/**
 * Why this machine can't have an optional thing with that QEMU; undefined where it can. Each server is tried for real,
 * once in a process. What draws sequences, what runs them and `doctor` all ask here.
 */
export async function lackOf(target: QemuTarget, thing: Optional): Promise<Lack | undefined> {
  const handed = handedOver.get(target.path);
  if (handed) return handed.get(thing);
  if (thing === 'destination QEMU') return undefined; // the same program once more
  if (thing === 'pc machine') return (await triedPc(target)).lack;
  const frontend = deviceFrontends.find((each) => thing === `device ${each}`);
  if (frontend) return lackOfDevice(target, frontend);
  if (thing === 'qemu-img') return lackOfImageTool(target);
  const [name = '', state] = thing.split(' ') as [string, ServerState?];
  const server = name === 'nbd' ? ((await nbdServerOf(target)) ?? 'nbd/qemu-nbd') : (name as StorageServer);
  const { lack, troubles } = await tried(target, server);
  return lack ?? (state && troubles.get(state));
}

/** Everything optional that this machine can't have with that QEMU, all tried side by side. */
export async function withoutOf(target: QemuTarget): Promise<Without[]> {
  const servers: readonly (StorageServer | 'nbd')[] = [...storageServers, 'nbd'];
  const things: Optional[] = [
    'pc machine',
    ...deviceFrontends.map((frontend): Optional => `device ${frontend}`),
    'qemu-img',
    ...servers,
    ...servers.flatMap((server) => troublesOf(server).map((state): Optional => `${server} ${state}`)),
  ];
  const found = await Promise.all(
    things.map(async (thing) => ({ thing, lack: await lackOf(target, thing) })),
  );
  const missing = found.flatMap(({ thing, lack }) => (lack ? [{ thing, ...lack }] : []));
  // Nothing can be the matter with a server that is not there, and a device is nowhere without a machine.
  const isSaid = (thing: Optional): boolean =>
    missing.some((other) => thing.startsWith(`${other.thing} `) && other.thing !== thing) ||
    (thing.startsWith('device ') && missing.some((other) => other.thing === 'pc machine'));
  return missing.filter(({ thing }) => !isSaid(thing));
}

async function lackOfDevice(target: QemuTarget, frontend: DeviceFrontend): Promise<Lack | undefined> {
  const pc = await triedPc(target);
  if (pc.lack) return pc.lack;
  const model = Object.values(deviceModels[frontend]).find((each) => pc.lacking.has(each));
  return model && { lacks: `QEMU ${target.label} has no ${model}` };
}

/** What another process has found out, so that it is not tried again in this one. */
export function handOver(target: QemuTarget, without: readonly Without[]): void {
  handedOver.set(target.path, new Map(without.map(({ thing, ...lack }) => [thing, lack])));
}

const handedOver = new Map<string, Map<Optional, Lack>>();

/** The NBD server of QEMU's own that a disk lies on where the sequence names none. */
export async function nbdServerOf(target: QemuTarget): Promise<'nbd/qemu-nbd' | 'nbd/daemon' | undefined> {
  for (const server of ['nbd/qemu-nbd', 'nbd/daemon'] as const)
    if (!(await lackOf(target, server))) return server;
  return undefined;
}

/** Which kinds of storage this machine can have for that QEMU, and what the others lack. Local files are always there. */
export function storageUsable(target: QemuTarget): Promise<{ kind: StorageKind; lack?: Lack }[]> {
  return Promise.all(
    storageKinds.map(async (kind) => {
      const lacks = await Promise.all(serversOf(kind).map((server) => lackOf(target, server)));
      const [lack] = lacks;
      return { kind, ...(lack && lacks.every(Boolean) ? { lack } : {}) };
    }),
  );
}

/** One of them is enough for the kind. */
const serversOf = (kind: StorageKind): StorageServer[] =>
  storageServers.filter((server) => server === kind || server.startsWith(`${kind}/`));

function tried(target: QemuTarget, server: StorageServer): Promise<TrialResult> {
  const key = `${target.path} ${server}`;
  const asked = trials.get(key) ?? tryServer(server, target);
  trials.set(key, asked);
  return asked;
}

const trials = new Map<string, Promise<TrialResult>>();
