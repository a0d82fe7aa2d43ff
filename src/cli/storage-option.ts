import { EnvironmentError, UsageError } from '../errors.ts';
import { type StorageKind, storageKinds } from '../sequence/arena.ts';
import type { QemuTarget } from '../target/binary.ts';
import { storageUsable } from '../target/storage/usable.ts';
import { once } from './options.ts';

export const storageOption = {
  type: 'string',
  requiresArg: true,
  coerce: once<string>('storage'),
  defaultDescription: 'those that `doctor` finds usable',
  describe: `back ends that images may lie on: ${storageKinds.join(',')}`,
} as const;

/** `file,nbd` as a list. UsageError: no such kind. */
export function parseStorage(text: string | undefined): StorageKind[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(',').filter((name) => name !== '');
  const unknown = names.find((name) => !isKind(name));
  if (unknown !== undefined || names.length === 0)
    throw new UsageError(
      `--storage ${text}: there is no "${unknown ?? ''}"`,
      `of ${storageKinds.join(', ')}`,
    );
  return names.filter(isKind);
}

/** What that QEMU can have here, of what is asked for. EnvironmentError: something asked for by name is missing. */
export async function storageOf(
  target: QemuTarget,
  asked: readonly StorageKind[] | undefined,
): Promise<StorageKind[]> {
  const all = await storageUsable(target);
  for (const { kind, found } of all)
    if (asked?.includes(kind) && !found.usable)
      throw new EnvironmentError(
        `--storage ${kind}: ${found.lacks}`,
        found.install === undefined ? 'mirrorfuzz doctor' : `apt-get install ${found.install}`,
      );
  return all
    .filter(({ kind, found }) => found.usable && (asked === undefined || asked.includes(kind)))
    .map(({ kind }) => kind);
}

const isKind = (name: string): name is StorageKind => storageKinds.some((kind) => kind === name);
