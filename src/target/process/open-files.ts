import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** How many descriptors a process has; undefined where /proc says nothing: it is gone, another user's, no Linux. */
export const descriptorCount = (pid: number): number | undefined => descriptorsOf(pid)?.length;

/** The files below `dir` among them; a deleted one counts. */
export function openFilesBelow(pid: number, dir: string): string[] {
  return (descriptorsOf(pid) ?? []).flatMap((fd) => {
    const path = linkTarget(`/proc/${pid}/fd/${fd}`);
    return path?.startsWith(`${dir}/`) ? [path.slice(dir.length + 1)] : [];
  });
}

/**
 * How many iothreads a process has, by their names, `IO ID` (iothread.c, iothread_complete); undefined where threads
 * have no names, as up to QEMU 10. All others may come and go: the pool's workers, NBD's connecting ones,
 * which sleep up to 16 s between attempts (nbd/client-connection.c), those that the kernel lends io_uring.
 */
export function iothreadCount(pid: number): number | undefined {
  const names = threadNames(pid);
  return names.includes('call_rcu') ? names.filter((name) => name.startsWith('IO ')).length : undefined;
}

function threadNames(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((id) => threadName(pid, id));
  } catch {
    return []; // the process is gone
  }
}

/** None for a thread that has ended meanwhile. */
function threadName(pid: number, id: string): string[] {
  try {
    return [readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8').trim()];
  } catch {
    return [];
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
