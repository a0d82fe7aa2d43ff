import { join } from 'node:path';
import { execute } from '../../execute/execute.ts';
import { programFile, readMappings } from '../../findings/stacks/loaded.ts';
import type { Stack } from '../../findings/stacks/stack.ts';
import { readValgrind } from '../../findings/stacks/valgrind-text.ts';
import { buildId } from '../../target/debuggers/build-id.ts';
import { underValgrind, valgrindFile } from '../../target/debuggers/valgrind.ts';
import { debugSession, readOutput } from './debug-session.ts';
import type { ExplainPlan } from './explain.ts';

/**
 * One run of the sequence under memcheck; undefined where no block of the heap was misused. How the run ended is no
 * matter: what is freed keeps its content there, so that QEMU often goes on.
 */
export async function runUnderValgrind(plan: ExplainPlan, valgrind: string): Promise<Stack | undefined> {
  const sessions = debugSession(plan, (program) => underValgrind(program, valgrind));
  try {
    const pristine = await sessions.pristine(plan.sequence);
    const { session } = pristine;
    const loaded = readMappings(readOutput(`/proc/${session.pid()}/maps`));
    await execute(plan.sequence, pristine);
    const read = readValgrind(readOutput(join(session.dir, valgrindFile)), loaded);
    if (!read) return undefined;
    const file = programFile(loaded);
    const build = file === undefined ? undefined : buildId(file);
    const { label, version } = plan.target;
    return {
      by: 'valgrind',
      ...read,
      qemu: { label, version, flavour: plan.flavour },
      ...(build === undefined ? {} : { build }),
    };
  } finally {
    await sessions.close();
  }
}
