import type { Program } from '../programs/program.ts';
import { wrapped } from './wrapped.ts';

/** What gdb writes, in the session's directory. */
export const gdbFile = 'gdb.txt';

/** Heads of what the script has gdb print. */
export const gdbMarks = { maps: '@@maps', died: '@@died', threads: '@@threads', end: '@@end' } as const;

/**
 * The program as gdb's child: it ends as it would without, and leaves the stacks of its first fault, abort or SIGINT in
 * `gdbFile`. A parent may trace its child on every machine, which `gdb -p` may not (Yama's ptrace_scope); and the core
 * file of a program is somebody else's on many (core_pattern).
 */
export function underGdb(program: Program, gdb: string): Program {
  const options = ['-nx', '--batch', '--return-child-result', ...script.flatMap((line) => ['-ex', line])];
  return wrapped(program, [gdb, ...options, '--args'], shell);
}

/** Signals that nobody catches; and SIGINT, by which somebody asks where it hangs. */
const script = [
  'set confirm off',
  'set pagination off',
  'set width 0',
  'set print frame-arguments none',
  'set print address on',
  'set debuginfod enabled off',
  'handle all nostop noprint pass',
  'handle SIGSEGV SIGBUS SIGFPE SIGILL SIGABRT stop print pass',
  'handle SIGINT stop print nopass',
  'run',
  `echo \\n${gdbMarks.maps}\\n`,
  'info proc mappings',
  // The loader's own child: gdb takes the loader for the program, and knows no symbols and no way up the stack.
  'shell sed -n "s|^ *\\(0x[0-9a-f]*\\) .* 0x0 .* \\(/[^ ]*/qemu-[a-z0-9_-]*\\)$|add-symbol-file \\2 -o \\1|p" gdb.txt | head -n 1 > gdb.symbols',
  'source gdb.symbols',
  `echo \\n${gdbMarks.died}\\n`,
  'bt 40',
  `echo \\n${gdbMarks.threads}\\n`,
  'thread apply all bt 40',
  `echo \\n${gdbMarks.end}\\n`,
  'continue',
];

/** A batch of gdb's ends with code 0 whatever became of its child; a signal's end has to be passed on. */
const shell = `"$@" >${gdbFile} </dev/null; code=$?
signal=$(sed -n 's/^Program terminated with signal SIG\\([A-Z]*\\),.*/\\1/p' ${gdbFile} | tail -n 1)
[ -z "$signal" ] || kill -s "$signal" $$
exit $code`;
