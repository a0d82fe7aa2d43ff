import { readdirSync, readlinkSync } from 'node:fs';

/** What a process has open: the number of its descriptors, and the files among them that lie below `dir`. */
export type OpenFiles = { descriptors: number; below: string[] };

/** By what /proc shows; undefined where it tells nothing: the process is gone, another user's, or on another system. */
export function openFiles(pid: number, dir: string): OpenFiles | undefined {
  const fds = descriptorsOf(pid);
  if (!fds) return undefined;
  const below = fds.flatMap((fd) => {
    const path = linkTarget(`/proc/${pid}/fd/${fd}`);
    return path?.startsWith(`${dir}/`) ? [path.slice(dir.length + 1)] : [];
  });
  return { descriptors: fds.length, below };
}

/** The count alone costs a third of the whole. */
export const descriptorCount = (pid: number): number | undefined => descriptorsOf(pid)?.length;

function descriptorsOf(pid: number): string[] | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`);
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
