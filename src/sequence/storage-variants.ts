import { type StorageKind, storageKind } from './arena.ts';
import type { Sequence } from './sequence.ts';

/** The same sequence with its images on one kind of storage; `storage` is absent where the sequence leaves no choice. */
export type StorageVariant = { storage?: StorageKind; sequence: Sequence };

/**
 * One variant for each of the kinds, where a tag `storage:dst` or `storage:src,dst` names the disks that may lie
 * anywhere. Without such a tag the sequence is its own only variant.
 */
export function storageVariants(sequence: Sequence, kinds: readonly StorageKind[]): StorageVariant[] {
  const varying = varyingDisks(sequence);
  if (varying.length === 0) return [{ sequence }];
  return kinds.map((storage) => ({ storage, sequence: onStorage(sequence, varying, storage) }));
}

/** Names of the disks whose storage the tags leave open. */
export function varyingDisks({ tags = [] }: Sequence): string[] {
  return tags.flatMap((tag) => (tag.startsWith(prefix) ? tag.slice(prefix.length).split(',') : []));
}

/** The kinds beside local files that the arena itself asks for. */
export function fixedStorage({ arena }: Sequence): StorageKind[] {
  return [...new Set(arena.disks.map(storageKind))].filter((kind) => kind !== 'file');
}

const prefix = 'storage:';

function onStorage(sequence: Sequence, varying: readonly string[], storage: StorageKind): Sequence {
  if (storage === 'file') return sequence;
  const disks = sequence.arena.disks.map((disk) =>
    varying.includes(disk.name) ? { ...disk, storage } : disk,
  );
  return { ...sequence, arena: { ...sequence.arena, disks } };
}
