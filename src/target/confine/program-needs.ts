import { tmpdir } from 'node:os';
import { UsageError } from '../../errors.ts';
import { limits } from '../limits.ts';
import { askProgram, lastWords } from '../programs/ask-program.ts';
import type { Needs, Program } from '../programs/program.ts';
import { makeOwnedDir, removeRoot } from '../stale-roots.ts';
import { isUnconfinedWanted } from './confinement.ts';
import { guessReads } from './program-reads.ts';
import { confine } from './sandbox.ts';

/**
 * Finds out with how little a program starts: first with what its command line shows, then without a limit on
 * its address space (the shadow memory of AddressSanitizer takes 16 TiB), then with a place for temporary files (valgrind
 * has some from its start on), then with the whole host but its secrets.
 * Throws UsageError where it starts with none of these, though it does unconfined.
 */
export async function withNeeds(program: Program): Promise<Program> {
  const reads = guessReads(program);
  if (program.needs) return program;
  const confined: Needs[] = [
    { reads },
    { reads, memory: 'unlimited' },
    { reads, memory: 'unlimited', temporary: true },
    { reads, wide: true },
    { reads, wide: true, memory: 'unlimited' },
  ];
  const candidates: Needs[] = isUnconfinedWanted()
    ? [
        { reads, unconfined: true },
        { reads, unconfined: true, memory: 'unlimited' },
      ]
    : confined;
  const dir = makeOwnedDir(tmpdir());
  try {
    let said = '';
    for (const needs of candidates) {
      const argv = confine({ ...program, needs }, ['--version'], dir);
      const answer = await askProgram({ argv, env: program.env }, [], {
        deadlineMs: limits.versionDeadlineMs,
        cwd: dir,
      });
      if (answer.outcome === 'ended' && answer.code === 0) return { ...program, needs };
      said = lastWords(answer);
      if (answer.outcome === 'late') break;
    }
    throw new UsageError(`${program.argv[0]} starts, but not confined: ${said}`, '--unconfined');
  } finally {
    removeRoot(dir);
  }
}
