import { readdirSync, readlinkSync } from 'node:fs';

/** How many descriptors a process has; undefined where /proc tells nothing: it is gone, another user's, no Linux. */
export const descriptorCount = (pid: number): number | undefined => descriptorsOf(pid)?.length;

/** The files below `dir` among them; a deleted one counts. */
export function openFilesBelow(pid: number, dir: string): string[] {
  return (descriptorsOf(pid) ?? []).flatMap((fd) => {
    const path = linkTarget(`/proc/${pid}/fd/${fd}`);
    return path?.startsWith(`${dir}/`) ? [path.slice(dir.length + 1)] : [];
  });
}

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
