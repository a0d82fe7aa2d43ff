import { type AwaitStep, type GuestClient, type GuestStep, guestClients } from '../sequence/step.ts';
import type { Draw } from './draw.ts';
import { limits } from './limits.ts';

export const workloadKinds = [
  'random',
  'sequential',
  'overlapping',
  'unaligned',
  'one-sector',
  'multi-cluster',
  'hot-spot',
  'zero-discard-mix',
  'whole-clusters',
  'flush-heavy',
  'tail',
] as const;
export type WorkloadKind = (typeof workloadKinds)[number];

/** Which disk is used, of what size, and by how many requests. */
export type Workload = { disk: string; sizeBytes: number; requests: number };

/**
 * A guest that uses its disk in one manner: requests within the disk, most of them in flight beside the next ones,
 * and an await for all of them. A disk of no size takes none.
 */
export function guestWorkload(
  draw: Draw,
  kind: WorkloadKind,
  { disk, sizeBytes, requests }: Workload,
): (GuestStep | AwaitStep)[] {
  if (sizeBytes === 0 || requests === 0) return [];
  const nextPlace = places[kind](draw, sizeBytes);
  const steps = Array.from({ length: requests }, (): GuestStep => {
    const guest = draw.oneOf(requestsOf[kind] ?? mostlyWrites);
    const wait = draw.chance(limits.guestInFlightChance) ? { wait: false as const } : {};
    if (guest === 'flush') return { guest, disk, ...client(draw), ...wait };
    return { guest, disk, ...nextPlace(), ...flags(draw, guest), ...client(draw), ...wait };
  });
  return [...steps, { await: 'guest' }];
}

type Requests = readonly [GuestStep['guest'], ...GuestStep['guest'][]];
const mostlyWrites: Requests = ['write', 'write', 'write', 'write', 'write', 'read', 'read', 'zero', 'flush'];
const requestsOf: Partial<Record<WorkloadKind, Requests>> = {
  'zero-discard-mix': ['write', 'write', 'zero', 'zero', 'discard', 'discard', 'read'],
  'whole-clusters': ['zero', 'zero', 'zero', 'write', 'discard', 'read'],
  'flush-heavy': ['write', 'write', 'flush', 'flush', 'read'],
};

function flags(draw: Draw, guest: GuestStep['guest']): { fua?: true; unmap?: true } {
  if (guest === 'write' && draw.chance(limits.guestFuaChance)) return { fua: true };
  return guest === 'zero' && draw.chance(0.5) ? { unmap: true } : {};
}

const client = (draw: Draw): { client?: GuestClient } =>
  draw.chance(limits.guestClientChance) ? { client: draw.oneOf(guestClients) } : {};

type Place = { offsetBytes: number; lengthBytes: number };
/** Gives one place after the other, each within the disk. */
type Places = (draw: Draw, sizeBytes: number) => () => Place;

const sector = 512;

const anywhere: Places = (draw, sizeBytes) => () =>
  inSectors(draw, sizeBytes, draw.oneOf(limits.guestLengthsBytes));

const places: Record<WorkloadKind, Places> = {
  random: anywhere,
  'zero-discard-mix': anywhere,
  'flush-heavy': anywhere,

  /** On from one place, and from the end back to the start. */
  sequential: (draw, sizeBytes) => {
    const first = anywhere(draw, sizeBytes)();
    let offsetBytes = first.offsetBytes;
    return () => {
      const place = within(sizeBytes, offsetBytes, first.lengthBytes);
      offsetBytes = offsetBytes + place.lengthBytes >= sizeBytes ? 0 : offsetBytes + place.lengthBytes;
      return place;
    };
  },

  /** Every two of them have sectors in common, where the disk has that many. */
  overlapping: (draw, sizeBytes) => {
    const { offsetBytes, lengthBytes } = inSectors(draw, sizeBytes, 8 * sector);
    return () => within(sizeBytes, offsetBytes + sector * draw.int(0, 7), lengthBytes);
  },

  /** Neither begins nor ends with a sector, where the disk has room for that. */
  unaligned: (draw, sizeBytes) => () => {
    const offsetBytes = offSector(draw.int(0, sizeBytes - 1));
    const end = offSector(offsetBytes + draw.int(1, 4 * sector));
    return within(sizeBytes, offsetBytes, Math.max(1, end - offsetBytes));
  },

  'one-sector': (draw, sizeBytes) => () => inSectors(draw, sizeBytes, sector),

  /** Those that an image can say to be zero without a byte of data. */
  'whole-clusters': (draw, sizeBytes) => () => {
    const clusters = Math.max(1, Math.floor(sizeBytes / limits.guestClusterBytes));
    const first = draw.int(0, clusters - 1);
    return within(sizeBytes, first * limits.guestClusterBytes, limits.guestClusterBytes * draw.int(1, 3));
  },

  /** From within one qcow2 cluster, over whole ones, into another. */
  'multi-cluster': (draw, sizeBytes) => () =>
    inSectors(draw, sizeBytes, limits.guestClusterBytes * draw.int(1, 4) + sector * draw.int(1, 127)),

  'hot-spot': (draw, sizeBytes) => {
    const spot = inSectors(draw, sizeBytes, 4096);
    const elsewhere = anywhere(draw, sizeBytes);
    return () => (draw.chance(0.8) ? spot : elsewhere());
  },

  /** Up to the last byte, or to one of the sectors before it. */
  tail: (draw, sizeBytes) => () => {
    const end = Math.max(1, sizeBytes - draw.oneOf([0, 0, 0, 1, sector, 2 * sector]));
    const lengthBytes = Math.min(end, draw.oneOf([1, sector, sector + 1, 4096, 65_536]));
    return { offsetBytes: end - lengthBytes, lengthBytes };
  },
};

/** Begins with a sector; ends with one, or with the disk. */
function inSectors(draw: Draw, sizeBytes: number, lengthBytes: number): Place {
  const room = Math.ceil(Math.max(0, sizeBytes - lengthBytes) / sector);
  return within(sizeBytes, sector * draw.int(0, room), lengthBytes);
}

/** Cut where the disk ends; what would begin there begins in its last sector. */
function within(sizeBytes: number, offsetBytes: number, lengthBytes: number): Place {
  const lastSector = sector * Math.floor((sizeBytes - 1) / sector);
  const begin = offsetBytes < sizeBytes ? offsetBytes : lastSector;
  return { offsetBytes: begin, lengthBytes: Math.min(lengthBytes, sizeBytes - begin) };
}

const offSector = (bytes: number): number => (bytes % sector === 0 ? bytes + 1 : bytes);
