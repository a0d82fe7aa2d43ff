import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { QemuTarget } from '../../src/target/programs/binary.ts';
import { type Program, programNames, roles } from '../../src/target/programs/program.ts';
import { script } from '../target/fake-qemu.ts';

/** A directory with a wrapper for each program of a QEMU: what repro.sh takes, also for one that was fetched. */
export function binDir(target: QemuTarget, dir: string): string {
  mkdirSync(dir, { recursive: true });
  for (const role of roles) {
    const program: Program | undefined = target[role];
    if (!program) continue;
    const env = Object.entries(program.env).map(([name, value]) => `export ${name}='${value}'\n`);
    script(join(dir, programNames[role][0] as string), `${env.join('')}exec ${program.argv.join(' ')} "$@"`);
  }
  return dir;
}
