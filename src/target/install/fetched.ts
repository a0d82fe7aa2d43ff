import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { QemuTarget } from '../programs/binary.ts';
import { type Program, type Programs, programNames, type Role, roles } from '../programs/program.ts';
import { cacheDir } from './cache-dir.ts';
import { type Suite, suites } from './suite.ts';

/** Written last, so that a root with a manifest is a whole one. */
const manifestShape = z.object({
  schema: z.literal(1),
  suite: z.string(),
  version: z.string(),
  mirror: z.string(),
  fetchedAt: z.string(),
  /** Package name to version. */
  packages: z.record(z.string(), z.string()),
});
export type Manifest = z.infer<typeof manifestShape>;

/** Where a suite's QEMU is unpacked, whether or not it is there yet. */
export function suiteRoot(suite: Suite): string {
  return join(cacheDir(), 'qemu', `debian-${suite.name}`);
}

export const manifestName = 'manifest.json';

/** The fetched QEMU of a suite, undefined where it isn't (wholly) there. */
export function fetchedTarget(suite: Suite): QemuTarget | undefined {
  const root = suiteRoot(suite);
  const manifest = readManifest(root);
  return manifest && targetOf(suite, root, manifest.version);
}

export function fetchedTargets(): QemuTarget[] {
  return suites.map(fetchedTarget).filter((target) => target !== undefined);
}

export function targetOf(suite: Suite, root: string, version: string): QemuTarget {
  return { label: `debian:${suite.name}`, version, origin: 'fetched', path: root, ...programsUnder(root) };
}

/**
 * The programs of an unpacked root, each started by the root's own loader: they see the root's libraries, modules and
 * firmware, and nothing of the host's.
 */
export function programsUnder(root: string): Programs {
  const libraries = libraryDirs.map((dir) => join(root, dir)).filter(existsSync);
  const loader = libraries.flatMap((dir) => loaders.map((name) => join(dir, name))).find(existsSync);
  if (loader === undefined) return {};
  const modules = libraries.map((dir) => join(dir, 'qemu')).find(existsSync);
  const firmware = firmwareDirs.map((dir) => join(root, dir)).filter(existsSync);
  const programs: Partial<Record<Role, Program>> = {};
  for (const role of roles) {
    const file = join(root, 'usr/bin', programNames[role][0] as string);
    if (!existsSync(file)) continue;
    // --inhibit-cache: what is missing must fail, not come from the host's libraries of another release.
    const argv = [loader, '--inhibit-cache', '--library-path', libraries.join(':'), file];
    if (role === 'system') argv.push(...firmware.flatMap((dir) => ['-L', dir]));
    programs[role] = { argv, env: modules ? { QEMU_MODULE_DIR: modules } : {}, needs: { reads: [root] } };
  }
  return programs;
}

/** Before and after Debian merged /lib into /usr/lib; librados keeps a library of its own in ceph/. */
const libraryDirs = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].flatMap((triplet) => [
  `lib/${triplet}`,
  `usr/lib/${triplet}`,
  `usr/lib/${triplet}/ceph`,
]);
const loaders = ['ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1'];
const firmwareDirs = ['usr/share/qemu', 'usr/share/seabios', 'usr/lib/ipxe/qemu'];

function readManifest(root: string): Manifest | undefined {
  try {
    return manifestShape.parse(JSON.parse(readFileSync(join(root, manifestName), 'utf8')));
  } catch {
    return undefined; // not there, or of another time: fetched anew
  }
}
