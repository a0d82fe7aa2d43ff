import { seedTextFor } from '../sequence/fill.ts';
import { bootSector } from './boot-sector.ts';
import { contentBytes, sectorBytes } from './content-bytes.ts';
import type { Origin } from './content-run.ts';

/**
 * The bytes that an origin stands for at a place of a disk; undefined where it says only how they begin. `seed`: the
 * sequence's.
 */
export function originBytes(
  origin: Origin,
  offsetBytes: number,
  lengthBytes: number,
  seed: number | undefined,
): Buffer | undefined {
  if (origin === 'zero') return Buffer.alloc(lengthBytes);
  if (origin === 'boot') return bootSector.subarray(offsetBytes, offsetBytes + lengthBytes);
  const [, name = '', value = '', shift = '0'] = /^(.*):([^:@]*)(?:@(.*))?$/.exec(origin) ?? [];
  if (name === 'byte') return Buffer.alloc(lengthBytes, Number(value));
  if (name === 'unknown') {
    const bytes = Buffer.from(value, 'hex');
    return bytes.length === lengthBytes ? bytes : undefined;
  }
  // Found before its place, the stamp is of a sector further on.
  const place = offsetBytes - Number(shift) * sectorBytes;
  return place < 0 ? undefined : contentBytes(seedTextFor(name, seed), place, lengthBytes, Number(value));
}
