import type { Program } from '../programs/program.ts';
import { wrapped } from './wrapped.ts';

/** What valgrind writes, in the session's directory. */
export const valgrindFile = 'valgrind.txt';

/** The program under memcheck, some fifty times as slow. Its temporary files lie in the only place where it may write. */
export function underValgrind(program: Program, valgrind: string): Program {
  return wrapped(program, [valgrind, ...options], 'TMPDIR=$PWD exec "$@"');
}

const options = [
  '--tool=memcheck',
  `--log-file=${valgrindFile}`,
  '--vgdb=no',
  '--leak-check=no',
  // Only who touches what is freed matters; definedness costs half of the time, and goes wrong on unknown stacks.
  '--undef-value-errors=no',
  '--num-callers=24',
  // What is freed stays so for long: a bitmap of a large disk alone is some ten megabytes.
  '--freelist-vol=200000000',
  // Coroutines have stacks of their own, and Debian's QEMU does not say so: a jump this far is to another stack.
  '--max-stackframe=65536',
  '--error-limit=no',
];
