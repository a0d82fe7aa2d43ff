import { type Arena, type Disk, type Storage, storageKind } from '../../sequence/arena.ts';
import { type StorageServer, storageServers } from '../../sequence/optional.ts';
import type { Draw } from '../draw.ts';
import type { Binary } from '../situation.ts';
import type { ArenaMaker } from './arena-maker.ts';

/** The same arena with the image of its target, its source or both on a server, where this machine has one. */
export const onServers =
  (maker: ArenaMaker): ArenaMaker =>
  (draw, binary) =>
    putOnServers(draw, binary, maker(draw, binary));

/** One or two of the disks that can lie there; targets rather than sources, since that is where mirrors go. */
export function putOnServers(draw: Draw, { storage = [], without }: Binary, arena: Arena): Arena {
  const [first, ...others] = storage.flatMap((kind) => {
    const [server, ...more] = serversOf(kind);
    return server ? [[server, ...more] as const] : [];
  });
  const able = arena.disks.filter(canBeServed);
  if (first === undefined || able.length === 0) return arena;
  const last = able.at(-1);
  const chosen = draw.chance(0.7) ? [last] : draw.chance(0.5) ? [draw.anyOf(able)] : able.slice(-2);
  const disks = arena.disks.map((disk) => {
    if (!chosen.includes(disk)) return disk;
    // A drive of HMP's opens local files only.
    const frontend =
      disk.frontend === undefined || disk.frontend === 'none' ? {} : { frontend: 'nbd' as const };
    return { ...disk, ...frontend, storage: drawStorage(draw, draw.oneOf(draw.oneOf([first, ...others]))) };
  });
  return { ...arena, disks };

  /** Those of a kind that this machine has. */
  function serversOf(kind: string): StorageServer[] {
    return storageServers.filter(
      (server) => (server === kind || server.startsWith(`${kind}/`)) && !without?.has(server),
    );
  }
}

export const hasServers = ({ disks }: Arena): boolean => disks.some((disk) => storageKind(disk) !== 'file');

/** Devices have whole sectors, and their size does not follow what is written. */
const canBeServed = ({ sizeBytes, layers = [], servedBy, backing, format, qcow2 = {} }: Disk): boolean =>
  sizeBytes > 0 &&
  (format === 'raw' || (format === 'qcow2' && !qcow2.encrypted && !qcow2.dataFile)) &&
  sizeBytes % 512 === 0 &&
  servedBy === undefined &&
  backing === undefined &&
  !layers.some((layer) => 'room' in layer);

function drawStorage(draw: Draw, name: StorageServer): Storage {
  switch (name) {
    case 'block':
    case 'iscsi':
    case 'nfs':
      return name;
    case 'nbd/qemu-nbd':
      return onNbd('qemu-nbd');
    case 'nbd/daemon':
      return onNbd('daemon');
    case 'nbd/nbdkit':
      return onNbd('nbdkit');
  }

  function onNbd(server: 'qemu-nbd' | 'daemon' | 'nbdkit'): Storage {
    const delay = draw.oneOf([{}, {}, { reconnectDelaySeconds: 1 }, { reconnectDelaySeconds: 5 }]);
    return { nbd: { server, ...delay } };
  }
}
