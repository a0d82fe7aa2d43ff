import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fakeProgram, script } from './fake-qemu.ts';

export const programFiles = ['qemu-system-x86_64', 'qemu-storage-daemon', 'qemu-img', 'qemu-nbd'];

/** A whole fetched root: a loader, four programs, modules, a manifest. */
export function fakeRoot(root: string, suite: string, version: string): string {
  fakeLoader(root);
  for (const name of programFiles) fakeProgram(join(root, 'usr/bin'), name, version);
  mkdirSync(join(root, 'usr/lib/x86_64-linux-gnu/qemu'), { recursive: true });
  mkdirSync(join(root, 'usr/share/qemu'), { recursive: true });
  const manifest = {
    schema: 1,
    suite,
    version,
    mirror: 'http://mirror.test/debian',
    fetchedAt: '2026-01-01T00:00:00Z',
    packages: {},
  };
  writeFileSync(join(root, 'manifest.json'), JSON.stringify(manifest));
  return root;
}

/** Takes the arguments of Debian's loader (--inhibit-cache --library-path DIRS PROGRAM …) and starts PROGRAM. */
export function fakeLoader(root: string): string {
  return script(join(root, 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'), 'shift 3; exec "$@"');
}
