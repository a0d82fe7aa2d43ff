import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildId } from '../target/debuggers/build-id.ts';
import { findDebuggers } from '../target/debuggers/debuggers.ts';
import { installCommand } from '../target/install/install-command.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import type { MachineCheck } from './machine-checks.ts';

/** What `findings explain` and hunts take stacks with, and whether functions have names in them. */
export function* checkDebuggers(target: QemuTarget | undefined): Generator<MachineCheck> {
  const found = findDebuggers();
  const symbols = target === undefined ? '' : `; ${symbolsOf(target)}`;
  yield check('gdb', found.gdb && `${found.gdb}${symbols}`, 'no stacks of crashes and hangs');
  yield check('valgrind', found.valgrind, 'no word on who freed or broke memory');
}

function check(name: 'gdb' | 'valgrind', found: string | undefined, lacks: string): MachineCheck {
  if (found !== undefined) return { name, required: false, status: 'ok', detail: found };
  return {
    name,
    required: false,
    status: 'degraded',
    detail: `not found: ${lacks}`,
    remedy: installCommand(name) ?? `install ${name}`,
  };
}

/** Where distributions put them: by build id, which is where gdb looks. */
function symbolsOf({ system, daemon }: QemuTarget): string {
  const [program] = (system ?? daemon)?.argv ?? [];
  const id = program === undefined ? undefined : buildId(program);
  const file = id && join('/usr/lib/debug/.build-id', id.slice(0, 2), `${id.slice(2)}.debug`);
  return file && existsSync(file)
    ? "QEMU's debug symbols are here"
    : "QEMU's debug symbols are not installed (Debian: qemu-system-x86-dbgsym), so static functions are offsets";
}
