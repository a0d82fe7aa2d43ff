import { bootSector } from '../../trace/boot-sector.ts';
import { contentBytes, sectorBytes } from '../../trace/content-bytes.ts';
import type { Origin } from '../../trace/content-run.ts';
import { unitBytes } from './stamp-unit.ts';

/** Where bytes come from, so that each of them can be made again. `shift`: sectors from their place to where they are. */
export type Source =
  | { kind: 'byte'; value: number }
  | { kind: 'stamp'; disk: string; id: number; generation: number; shift: number }
  /** The guest's boot sector, in its place. */
  | { kind: 'boot' }
  | { kind: 'unknown'; head: Uint8Array };

/** A disk whose content is known: what its stamps are drawn from. */
export type StampedDisk = { name: string; seedText: string };

/** `generations`: those up to here are known to have been written. */
export type KnownDisks = { byId: ReadonlyMap<number, string>; generations: number };

export const zero: Source = { kind: 'byte', value: 0 };

export function knownDisks(disks: readonly StampedDisk[], generations: number): KnownDisks {
  const byId = disks.map(({ name, seedText }) => [stampId(seedText), name] as const);
  return { byId: new Map(byId), generations };
}

function stampId(seedText: string): number {
  return contentBytes(seedText, 0, 4).readUInt32LE();
}

/** What 16 bytes, found in that sector, are of: one byte repeated, or the stamp of a disk. */
export function sourceOfUnit(
  view: DataView,
  at: number,
  foundSector: number,
  { byId }: KnownDisks,
): Source | undefined {
  const first = view.getUint32(at, true);
  const second = view.getUint32(at + 4, true);
  const low = view.getUint32(at + 8, true);
  const high = view.getUint32(at + 12, true);
  const disk = byId.get(first);
  if (disk !== undefined) {
    const sector = low + high * 2 ** 32;
    if (sector > Number.MAX_SAFE_INTEGER) return undefined;
    return { kind: 'stamp', disk, id: first, generation: second, shift: foundSector - sector };
  }
  const value = first & 0xff;
  if (first !== (value * 0x01010101) >>> 0 || first !== second || first !== low || first !== high)
    return undefined;
  return { kind: 'byte', value };
}

/** Whether those bytes, found at this offset of a disk, are the boot sector's there. */
export function isBoot(bytes: Uint8Array, offsetBytes: number): boolean {
  const end = offsetBytes + bytes.length;
  return end <= sectorBytes && bootSector.subarray(offsetBytes, end).equals(bytes);
}

/** The byte that the source has at this offset of the disk; -1: nobody knows. */
export function byteAt(source: Source | undefined, offsetBytes: number): number {
  if (source === undefined || source.kind === 'unknown') return -1;
  if (source.kind === 'byte') return source.value;
  if (source.kind === 'boot') return bootSector[offsetBytes] ?? -1;
  const phase = offsetBytes % unitBytes;
  const sector = Math.floor(offsetBytes / sectorBytes) - source.shift;
  if (phase < 4) return (source.id >>> (8 * phase)) & 0xff;
  if (phase < 8) return (source.generation >>> (8 * (phase - 4))) & 0xff;
  const word = phase < 12 ? sector : Math.floor(sector / 2 ** 32);
  return (word >>> (8 * (phase % 4))) & 0xff;
}

export function sameSource(a: Source, b: Source): boolean {
  if (a.kind === 'stamp')
    return b.kind === 'stamp' && a.id === b.id && a.generation === b.generation && a.shift === b.shift;
  if (a.kind === 'byte') return b.kind === 'byte' && a.value === b.value;
  return b.kind === a.kind;
}

export function nameOf(source: Source): Origin {
  switch (source.kind) {
    case 'byte':
      return source.value === 0 ? 'zero' : `byte:${source.value}`;
    case 'stamp': {
      const { disk, generation, shift } = source;
      if (shift === 0) return `${disk}:${generation}`;
      return `${disk}:${generation}@${shift > 0 ? '+' : ''}${shift}`;
    }
    case 'boot':
      return 'boot';
    case 'unknown':
      return `unknown:${Buffer.from(source.head).toString('hex')}`;
  }
}
