import { readFileSync } from 'node:fs';

/**
 * The emulator's own pid, given the pid of what was spawned: the sandbox's monitor and its init are QEMU's ancestors
 * (they may be one, two or none), and each has a single child. undefined when the tree is gone.
 */
export function emulatorPid(spawnedPid: number): number | undefined {
  let pid = spawnedPid;
  for (let depth = 0; depth < 4; depth++) {
    const name = commandName(pid);
    if (name === undefined) return undefined;
    if (!wrappers.has(name)) return pid;
    const child = children(pid)[0];
    if (child === undefined) return undefined;
    pid = child;
  }
  return undefined;
}

const wrappers = new Set(['bwrap', 'setpriv', 'prlimit']);

function commandName(pid: number): string | undefined {
  return read(`/proc/${pid}/comm`)?.trim();
}

function children(pid: number): number[] {
  const list = read(`/proc/${pid}/task/${pid}/children`);
  return list ? list.trim().split(/\s+/).filter(Boolean).map(Number) : [];
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
