import { readFileSync } from 'node:fs';

/**
 * The emulator's own pid, given the pid of what was spawned: the last of a chain of single children, since QEMU starts
 * no process. Above it are the sandbox's monitor and init, or the user's own wrapper. undefined when QEMU is gone.
 */
export function emulatorPid(spawnedPid: number): number | undefined {
  let pid = spawnedPid;
  for (let child = children(pid)[0]; child !== undefined; child = children(pid)[0]) pid = child;
  const name = commandName(pid);
  return name === undefined || wrappers.has(name) ? undefined : pid;
}

const wrappers = new Set(['nsenter', 'bwrap', 'setpriv', 'unshare', 'chroot', 'sh']);

function commandName(pid: number): string | undefined {
  return read(`/proc/${pid}/comm`)?.trim();
}

function children(pid: number): number[] {
  const list = read(`/proc/${pid}/task/${pid}/children`);
  return list ? list.trim().split(/\s+/).filter(Boolean).map(Number) : [];
}

/** SIGKILL for a process and all below it: a sandbox's monitor does not take with it whom it watches. */
export function killTree(pid: number | undefined): void {
  if (pid === undefined) return;
  const below = children(pid);
  try {
    process.kill(pid, 'SIGKILL');
  } catch {} // gone already
  below.forEach(killTree);
}

/** Resident set of a process in bytes, 0 when it is gone. */
export function residentBytes(pid: number): number {
  const pages = read(`/proc/${pid}/statm`)?.split(' ')[1];
  return pages ? Number(pages) * 4096 : 0;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
