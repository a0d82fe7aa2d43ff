import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../../errors.ts';

/** The edges that a QEMU built with `instrument/edges.c` reaches: it counts them in a file of its directory. */
export type EdgeMap = {
  /** What QEMU has to be started with. */
  env: Record<string, string>;
  /** The edges reached since the last time, as places in the map: two edges may share one. */
  take(): number[];
};

/** A QEMU that is started again in the same directory goes on in the same map. Throws EnvironmentError where there is no room for it. */
export function openEdgeMap(dir: string): EdgeMap {
  const file = join(dir, 'edges.map');
  try {
    inFile(file, 'a', (fd) => fstatSync(fd).size === mapBytes || writeSync(fd, zeros));
  } catch (error) {
    throw new EnvironmentError(`can't write to ${dir}: ${(error as Error).message}`, 'free some space there');
  }
  return { env: { MIRRORFUZZ_EDGES: file }, take: () => takeFrom(file) };
}

/** Of a directory that is gone already there is nothing to take. */
function takeFrom(file: string): number[] {
  const map = Buffer.alloc(mapBytes);
  try {
    inFile(file, 'r+', (fd) => {
      readSync(fd, map, 0, mapBytes, 0);
      writeSync(fd, zeros, 0, mapBytes, 0);
    });
  } catch {
    return [];
  }
  const reached: number[] = [];
  for (const [at, count] of map.entries()) if (count > 0) reached.push(at);
  return reached;
}

function inFile(file: string, flags: string, act: (fd: number) => void): void {
  const fd = openSync(file, flags);
  try {
    act(fd);
  } finally {
    closeSync(fd);
  }
}

/** MAP_BYTES of edges.c. The ten block-job files have some 10,000 edges. */
const mapBytes = 2 ** 16;
const zeros = Buffer.alloc(mapBytes);
