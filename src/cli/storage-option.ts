import { EnvironmentError, UsageError } from '../errors.ts';
import { type StorageKind, storageKinds } from '../sequence/arena.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import { storageUsable, type Without } from '../target/storage/usable.ts';
import { once } from './options.ts';

export const storageOption = {
  type: 'string',
  requiresArg: true,
  coerce: once<string>('storage'),
  defaultDescription: 'those that `doctor` finds usable',
  describe: `where images may lie: ${storageKinds.join(',')}`,
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
  for (const { kind, lack } of all)
    if (asked?.includes(kind) && lack)
      throw new EnvironmentError(`--storage ${kind}: ${lack.lacks}`, lack.remedy ?? 'mirrorfuzz doctor');
  return all
    .filter(({ kind, lack }) => !lack && (asked === undefined || asked.includes(kind)))
    .map(({ kind }) => kind);
}

/** Of what the machine lacks, what `--storage` leaves out anyway. */
export const markUnasked = (
  without: readonly Without[],
  asked: readonly StorageKind[] | undefined,
): Without[] =>
  without.map((each) => {
    const [kind = ''] = each.thing.split(/[/ ]/);
    const isLeftOut = asked && isKind(kind) && !asked.includes(kind);
    return isLeftOut ? { ...each, unasked: true } : each;
  });

const isKind = (name: string): name is StorageKind => storageKinds.some((kind) => kind === name);
