import { guessReads } from '../confine/program-reads.ts';
import type { Program } from '../programs/program.ts';

/** A program started by another one, in a shell that may look at what that has left. It sees what both need. */
export function wrapped(program: Program, by: readonly [string, ...string[]], shell: string): Program {
  const { needs = { reads: guessReads(program) } } = program;
  const reads = [...new Set([...needs.reads, ...guessReads({ argv: [by[0]], env: {} })])];
  return {
    argv: ['/bin/sh', '-c', shell, 'sh', ...by, ...program.argv],
    env: program.env,
    needs: { ...needs, reads, memory: 'unlimited' },
  };
}
