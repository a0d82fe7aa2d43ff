import { fileOf } from '../../model/content/images.ts';
import { storageKind } from '../../sequence/arena.ts';
import type { JsonObject } from '../../sequence/json-object.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';

/**
 * The base's file as an overlay's header may name it: by itself, since all lie in one directory, or by its path, as QEMU
 * does it unasked.
 */
export function backingFile(draw: Draw, { arena }: Situation, base: string | undefined): JsonObject {
  const disk = arena.disks.find(({ name }) => name === base);
  if (!disk || storageKind(disk) !== 'file') return {};
  return { 'backing-file': draw.chance(0.75) ? fileOf(disk) : { path: disk.name } };
}
