import { existsSync, statSync } from 'node:fs';
import type { ImageFile } from './compare.ts';
import { backingIn, clustersOf } from './qcow2-map.ts';

/**
 * The room that an image takes, by its file alone. `occupiedBytes`: blocks of the file that are there; `data`: of a
 * qcow2 image, the guest's stretches (offset, length) that have data clusters of its own, be they full of zeroes;
 * `compressed`: it has compressed clusters, and `data` is not known; `backing`: what its header names.
 */
export type ImageSpace = {
  occupiedBytes: number;
  data?: [offsetBytes: number, lengthBytes: number][];
  compressed?: true;
  backing?: { file: string; format?: string };
};

/** Costs no process. undefined where there is no such file. */
export function spaceOf({ path, format }: ImageFile): ImageSpace | undefined {
  if (!existsSync(path)) return undefined;
  // POSIX: st_blocks counts units of 512 bytes.
  const occupiedBytes = statSync(path).blocks * 512;
  if (format !== 'qcow2') return { occupiedBytes };
  const backing = backingIn(path);
  const clusters = clustersOf(path);
  const own = clusters === 'compressed' ? undefined : clusters?.own;
  const data =
    own &&
    joined(
      own.flatMap(({ startBytes, lengthBytes, offsetBytes }) =>
        offsetBytes === undefined ? [] : [[startBytes, lengthBytes] as [number, number]],
      ),
    );
  return {
    occupiedBytes,
    ...(data ? { data } : {}),
    ...(clusters === 'compressed' ? { compressed: true } : {}),
    ...(backing ? { backing } : {}),
  };
}

function joined(runs: readonly [number, number][]): [number, number][] {
  const all: [number, number][] = [];
  for (const [offset, length] of runs) {
    const last = all.at(-1);
    if (last && last[0] + last[1] === offset) last[1] += length;
    else all.push([offset, length]);
  }
  return all;
}
