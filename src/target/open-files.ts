import { readdirSync, readlinkSync } from 'node:fs';

/**
 * Files below `dir` that a process holds open, by what /proc shows; a deleted one counts. Empty where the process is
 * gone or /proc tells nothing (another user's process, another system).
 */
export function openFilesBelow(pid: number, dir: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const path = linkTarget(`/proc/${pid}/fd/${fd}`);
      return path?.startsWith(`${dir}/`) ? [path.slice(dir.length + 1)] : [];
    });
  } catch {
    return [];
  }
}

/** How many descriptors a process has; undefined where /proc tells nothing. */
export function descriptorCount(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}

/** undefined for a descriptor that was closed meanwhile. */
function linkTarget(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
