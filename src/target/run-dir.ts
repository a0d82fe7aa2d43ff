import { accessSync, constants, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import { freeBytes, remedy, writeError } from './disk-space.ts';
import { limits } from './limits.ts';
import { makeOwnedDir, removeRoot, sweepStaleRoots } from './stale-roots.ts';

/** The one temporary directory of this process: everything that QEMU and mirrorfuzz write lies below it. */
export type RunRoot = {
  path: string;
  /** A new directory for one session; short, since unix socket paths below it must stay under 108 bytes. */
  sessionDir(): string;
  /** Synchronous, and harmless a second time. When the process exits it is done in any case. */
  remove(): void;
};

/** Removes what dead runs left, then makes this run's directory. EnvironmentError: no room, or not writable. */
export async function openRunRoot(): Promise<RunRoot> {
  for (const base of new Set([...bases(), sharedMemory])) await sweepStaleRoots(base);
  const path = makeRoot(chooseBase());
  let sessions = 0;
  return {
    path,
    sessionDir() {
      const dir = join(path, `s${++sessions}`);
      try {
        mkdirSync(dir, { mode: 0o700 });
      } catch (error) {
        throw writeError(error, path, 'making a session directory');
      }
      return dir;
    },
    remove: () => removeRoot(path),
  };
}

const sharedMemory = '/dev/shm';

/** Where it may lie: $TMPDIR if set, else shared memory where that has room, else the system's default. */
function bases(): string[] {
  const asked = process.env.TMPDIR;
  return asked ? [resolve(asked)] : [sharedMemory, tmpdir()];
}

function chooseBase(): string {
  const [first, fallback] = bases() as [string, string?];
  return fallback === undefined || hasRoom(first) ? first : fallback;
}

function hasRoom(base: string): boolean {
  try {
    accessSync(base, constants.W_OK | constants.X_OK);
    return freeBytes(base) >= limits.sharedMemoryFreeBytesMin;
  } catch {
    return false;
  }
}

function makeRoot(base: string): string {
  let path: string | undefined;
  try {
    mustHaveSpace(base);
    path = makeOwnedDir(base);
    mustFitSockets(path);
    return path;
  } catch (error) {
    if (path !== undefined) rmSync(path, { recursive: true, force: true });
    throw error instanceof EnvironmentError
      ? error
      : writeError(error, base, 'making the temporary directory');
  }
}

function mustHaveSpace(base: string): void {
  const free = freeBytes(base);
  if (free >= limits.runFreeBytesMin) return;
  throw new EnvironmentError(
    `temporary filesystem full: ${Math.floor(free / 2 ** 20)} MiB free in ${base}, ${limits.runFreeBytesMin / 2 ** 20} MiB needed`,
    remedy,
  );
}

function mustFitSockets(path: string): void {
  const longest = Buffer.byteLength(join(path, 's999999', 'x'.repeat(limits.socketNameBytesMax)));
  if (longest <= limits.socketPathBytesMax) return;
  throw new EnvironmentError(
    `${path} is too long a path: sockets below it would need ${longest} bytes of ${limits.socketPathBytesMax}`,
    'set TMPDIR to a directory with a shorter path',
  );
}
