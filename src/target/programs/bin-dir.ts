import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QemuTarget } from './binary.ts';
import { programNames, roles } from './program.ts';

/** A directory with a wrapper for each program of a QEMU, under the usual names: what repro.sh takes, also for one that was fetched. */
export function writeBinDir(target: QemuTarget, dir: string): string {
  mkdirSync(dir, { recursive: true });
  for (const role of roles) {
    const program = target[role];
    if (!program) continue;
    const env = Object.entries(program.env).map(
      ([name, value]) => `export ${name}=${quoted(value)}${mayAdd(name)}\n`,
    );
    const file = join(dir, programNames[role][0] as string);
    writeFileSync(file, `#!/bin/sh\n${env.join('')}exec ${program.argv.map(quoted).join(' ')} "$@"\n`);
    chmodSync(file, 0o755);
  }
  return dir;
}

/** Sanitizers take several settings in one variable, and the last one wins: that of whoever calls this. */
const mayAdd = (name: string): string => (/SAN_OPTIONS$/.test(name) ? `"\${${name}:+:$${name}}"` : '');

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
