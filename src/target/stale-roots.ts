import {
  type Dirent,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { limits } from './limits.ts';

/**
 * Removes this user's run roots in `base` whose owner is dead, also by SIGKILL. Never a living one's, nor a link's
 * target, nor another user's. What can't be removed stays: that must not keep a new run from starting.
 */
export async function sweepStaleRoots(base: string): Promise<void> {
  for (const entry of await entriesOf(base)) {
    if (!entry.isDirectory() || !entry.name.startsWith(runRootPrefix())) continue;
    const root = join(base, entry.name);
    if (isStale(root)) await sweepRoot(root).catch(() => {});
  }
}

/**
 * A new directory of this process in `base`, mode 0700. It goes by `removeRoot`, when the process exits in any case, or
 * with a later start where this process is killed.
 */
export function makeOwnedDir(base: string): string {
  const path = mkdtempSync(join(base, runRootPrefix()));
  living.add(path);
  try {
    writeFileSync(join(path, ownerFile), ownerLine(), { flag: 'wx', mode: 0o600 });
    return path;
  } catch (error) {
    rmSync(path, { recursive: true, force: true });
    throw error;
  }
}

/** What this process made and has not removed: wherever it is interrupted, nothing of it is left. */
const living = new Set<string>();
process.once('exit', () => {
  for (const path of living) removeRoot(path);
});

/**
 * Removes a run root. Whose it is goes last: where a process is killed in the middle, or something can't be removed,
 * the next start still knows it to be stale.
 */
export function removeRoot(root: string): void {
  living.delete(root);
  try {
    for (const path of contents(root)) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  } catch {} // a QEMU that is just being killed may still write there
}

/** The same, beside other work: what a run left may be large. */
async function sweepRoot(root: string): Promise<void> {
  for (const path of contents(root)) await rm(path, { recursive: true, force: true });
  await rm(root, { recursive: true, force: true });
}

function contents(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => name !== ownerFile)
    .map((name) => join(root, name));
}

/** In a run root: who owns it. */
export const ownerFile = 'owner';

export function runRootPrefix(): string {
  return `mirrorfuzz-${process.getuid?.() ?? 0}-`;
}

/**
 * Who owns a run root: pid, the time that process started (a pid may be used again), its pid namespace, the boot and the
 * machine. Several machines may share a directory.
 */
export function ownerLine(pid = process.pid): string {
  return `${[pid, startTicks(pid) ?? 'unknown', pidNamespace(), bootId(), machine()].join(' ')}\n`;
}

function isStale(root: string): boolean {
  const stat = lstat(root);
  if (!stat?.isDirectory() || stat.uid !== process.getuid?.()) return false;
  const [pid, started, namespace, boot, host] = readOwner(root)?.trim().split(' ') ?? [];
  // Made just now, its owner file not yet written; or killed right there.
  if (namespace === undefined) return Date.now() - stat.mtimeMs > limits.ownerlessGraceMs;
  // Of another boot: this machine's own is over, and another machine's processes can't be seen from here.
  if (boot !== undefined && boot !== bootId()) return host === machine();
  // A container that shares this directory: its processes can't be seen from here.
  if (namespace !== pidNamespace()) return false;
  return startTicks(Number(pid)) !== started;
}

function readOwner(root: string): string | undefined {
  const path = join(root, ownerFile);
  return lstat(path)?.isFile() ? readFileSync(path, 'utf8') : undefined;
}

/** Field 22 of /proc/PID/stat; undefined where the process is gone or a zombie. */
function startTicks(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before may hold spaces
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

function pidNamespace(): string {
  return readlinkSync('/proc/self/ns/pid');
}

function bootId(): string {
  return firstWord('/proc/sys/kernel/random/boot_id');
}

/** Machines cloned from one image may share their id, and others their name. */
function machine(): string {
  return `${firstWord('/etc/machine-id')}/${hostname()}`;
}

function firstWord(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim().split(/\s/)[0] || 'unknown';
  } catch {
    return 'unknown';
  }
}

function lstat(path: string) {
  return lstatSync(path, { throwIfNoEntry: false });
}

async function entriesOf(base: string): Promise<Dirent[]> {
  try {
    return await readdir(base, { withFileTypes: true });
  } catch {
    return []; // not there, or not ours to read
  }
}
