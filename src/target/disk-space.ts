import { statfsSync } from 'node:fs';
import { EnvironmentError } from '../errors.ts';

/** Bytes a user may still write below `dir`; throws where `dir` does not exist. */
export function freeBytes(dir: string): number {
  const { blocks, bavail, bsize } = statfsSync(dir);
  return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize; // tmpfs of size=0: no limit
}

/** One clear line for a write that failed: `doing` completes "while …". */
export function writeError(cause: unknown, dir: string, doing: string): EnvironmentError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? filesystemFull(dir, doing, cause)
    : new EnvironmentError(`${dir}: ${message}, while ${doing}`, remedy, { cause });
}

export function filesystemFull(dir: string, doing: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError(
    `temporary filesystem full: ${freeText(dir)} free in ${dir}, while ${doing}`,
    remedy,
    { cause },
  );
}

export const remedy = 'free some space there, or set TMPDIR to a writable directory with 1 GiB free';

function freeText(dir: string): string {
  try {
    return `${Math.floor(freeBytes(dir) / 2 ** 20)} MiB`;
  } catch {
    return 'nothing';
  }
}
