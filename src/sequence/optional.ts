import { type DeviceFrontend, type Disk, deviceOf, type Storage } from './arena.ts';
import type { Sequence } from './sequence.ts';
import { type ServerState, serverStates } from './step.ts';

/** Programs that serve images. Each is there or not by itself. */
export const storageServers = ['block', 'nbd/qemu-nbd', 'nbd/daemon', 'nbd/nbdkit', 'iscsi', 'nfs'] as const;
export type StorageServer = (typeof storageServers)[number];

/** What a sequence may use and a machine may lack. `nbd`: whichever NBD server comes with QEMU. */
export type Optional =
  | StorageServer
  | 'nbd'
  | `${StorageServer | 'nbd'} ${ServerState}`
  | 'pc machine'
  /** A build may leave devices out. */
  | `device ${DeviceFrontend}`
  /** Without it a sequence runs all the same, and nobody looks at its images. */
  | 'qemu-img'
  | 'destination QEMU';

/** The optional things that a sequence uses; none where it wants QEMU and local files only. */
export function optionalIn({ arena, steps, after = [] }: Sequence): Optional[] {
  const servers = new Map(arena.disks.map((disk) => [disk.name, serverOf(disk)]));
  const troubles = steps.flatMap((step): Optional[] => {
    if (!('fault' in step) || step.fault !== 'server') return [];
    const server = servers.get(step.disk);
    return server && step.is !== 'well' ? [troubleOf(server, step.is)] : [];
  });
  const hasGuest = arena.machine === 'pc' || after.some((claim) => 'boots' in claim);
  const devices = arena.disks.map(deviceOf).filter((device) => device !== undefined);
  const hasDestination =
    arena.incoming !== undefined || arena.disks.some(({ servedBy }) => servedBy === 'destination');
  const all: Optional[] = [
    ...[...servers.values()].filter((server) => server !== undefined),
    ...troubles,
    ...(hasGuest ? ['pc machine' as const] : []),
    ...devices.map((device) => `device ${device}` as const),
    ...(hasDestination ? ['destination QEMU' as const] : []),
  ];
  return [...new Set(all)];
}

/** What serves a disk's image; undefined for a local file. */
export function serverOf({ storage = 'file' }: Pick<Disk, 'storage'>): StorageServer | 'nbd' | undefined {
  if (storage === 'file') return undefined;
  if (typeof storage === 'string') return storage;
  if ('iscsi' in storage) return 'iscsi';
  return storage.nbd.server === undefined ? 'nbd' : `nbd/${storage.nbd.server}`;
}

/** The same storage on the NBD server named, where the sequence leaves that open. */
export function withServer(storage: Storage, server: 'nbd/qemu-nbd' | 'nbd/daemon'): Storage {
  const nbd = typeof storage === 'object' && 'nbd' in storage ? storage.nbd : {};
  return { nbd: { ...nbd, server: server === 'nbd/daemon' ? 'daemon' : 'qemu-nbd' } };
}

export const troubleOf = <S extends StorageServer | 'nbd'>(
  server: S,
  is: ServerState,
): `${S} ${ServerState}` => `${server} ${is}`;

/** What can be the matter with each server. */
export function troublesOf(server: StorageServer | 'nbd'): readonly ServerState[] {
  switch (server) {
    case 'block':
      return ['read-only'];
    case 'iscsi':
      return ['killed', 'suspended', 'cut', 'failing', 'read-only', 'removed'];
    case 'nbd':
    case 'nbd/qemu-nbd':
    case 'nbd/daemon':
    case 'nbd/nbdkit':
    case 'nfs':
      return serverStates.filter((state) => state !== 'well');
  }
}
