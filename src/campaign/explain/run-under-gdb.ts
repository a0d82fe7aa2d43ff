import { join } from 'node:path';
import { execute } from '../../execute/execute.ts';
import { readGdb } from '../../findings/stacks/gdb-text.ts';
import type { Stack } from '../../findings/stacks/stack.ts';
import { buildId } from '../../target/debuggers/build-id.ts';
import { gdbFile, underGdb } from '../../target/debuggers/gdb.ts';
import { debugSession, readOutput } from './debug-session.ts';
import type { ExplainPlan } from './explain.ts';

/** One run of the sequence with QEMU as gdb's child; undefined where it did not fail as it should. */
export async function runUnderGdb(plan: ExplainPlan, gdb: string): Promise<Stack | undefined> {
  const sessions = debugSession(plan, (program) => underGdb(program, gdb));
  try {
    const pristine = await sessions.pristine(plan.sequence);
    const { session } = pristine;
    let asked = false;
    await execute(plan.sequence, pristine, (seen) => {
      if (asked || plan.kind !== 'hang' || seen.kind !== 'expired') return;
      asked = true;
      session.signal('SIGINT'); // gdb's script says where every thread is, and lets it go on
    });
    const read = readGdb(readOutput(join(session.dir, gdbFile)));
    if (!read || (read.is === 'hang') !== (plan.kind === 'hang')) return undefined;
    const { file, ...stack } = read;
    const build = file === undefined ? undefined : buildId(file);
    const { label, version } = plan.target;
    return {
      by: 'gdb',
      ...stack,
      qemu: { label, version, flavour: plan.flavour },
      ...(build === undefined ? {} : { build }),
    };
  } finally {
    await sessions.close();
  }
}
