import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** How many descriptors a process has; undefined where /proc tells nothing: it is gone, another user's, no Linux. */
export const descriptorCount = (pid: number): number | undefined => descriptorsOf(pid)?.length;

/** The files below `dir` among them; a deleted one counts. */
export function openFilesBelow(pid: number, dir: string): string[] {
  return (descriptorsOf(pid) ?? []).flatMap((fd) => {
    const path = linkTarget(`/proc/${pid}/fd/${fd}`);
    return path?.startsWith(`${dir}/`) ? [path.slice(dir.length + 1)] : [];
  });
}

/**
 * How many threads a process has beside those of QEMU's pool, which come and go; undefined where they have no names to
 * tell them by, as up to QEMU 10. A thread just born has the main thread's name until it gives itself one.
 */
export function lastingThreads(pid: number): number | undefined {
  const names = threadNames(pid);
  const [main] = names;
  return names.includes('call_rcu')
    ? names.filter((name) => name !== 'worker' && name !== main).length
    : undefined;
}

function threadNames(pid: number): string[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.map((id) => readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8').trim());
  } catch {
    return []; // one of them, or all, has ended meanwhile
  }
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
