import { type StorageKind, storageKinds } from '../../sequence/arena.ts';
import type { QemuTarget } from '../binary.ts';
import { backends } from './backends.ts';
import type { Usable } from './storage.ts';

export type StorageFound = { kind: StorageKind; found: Usable };

/** Which kinds of storage this machine can have for that QEMU, and what the others lack; tried once for each QEMU. */
export function storageUsable(target: QemuTarget | undefined): Promise<StorageFound[]> {
  const key = target?.path ?? '';
  const asked =
    known.get(key) ??
    Promise.all(storageKinds.map(async (kind) => ({ kind, found: await findOut(kind, target) })));
  known.set(key, asked);
  return asked;
}

const known = new Map<string, Promise<StorageFound[]>>();

/** Local files are always there. */
async function findOut(kind: StorageKind, target: QemuTarget | undefined): Promise<Usable> {
  if (kind === 'file') return { usable: true };
  const backend = backends[kind];
  return backend ? backend.usable(target) : { usable: false, lacks: 'not on this machine' };
}
