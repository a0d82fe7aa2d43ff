import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A script in `dir` that answers `--version` as QEMU's program of that name does. */
export function fakeProgram(dir: string, name: string, version: string): string {
  return script(join(dir, name), `echo "${banner(name, version)}"`);
}

export function script(file: string, body: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

function banner(name: string, version: string): string {
  if (name.startsWith('qemu-system')) return `QEMU emulator version ${version} (Debian 1:${version}+dfsg-1)`;
  if (name === 'qemu-nbd') return `$0 ${version}`;
  return `${name} version ${version}`;
}
