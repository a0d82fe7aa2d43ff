import { findExecutable } from '../programs/executable.ts';

/** The debuggers of this machine, by their paths. */
export type Debuggers = { gdb?: string; valgrind?: string };

export function findDebuggers(): Debuggers {
  const [gdb, valgrind] = [findExecutable('gdb'), findExecutable('valgrind')];
  return { ...(gdb === undefined ? {} : { gdb }), ...(valgrind === undefined ? {} : { valgrind }) };
}
