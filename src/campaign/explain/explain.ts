import { EnvironmentError } from '../../errors.ts';
import type { Stack } from '../../findings/stacks/stack.ts';
import type { FindingKind } from '../../judge/rule.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Debuggers } from '../../target/debuggers/debuggers.ts';
import type { QemuTarget } from '../../target/programs/binary.ts';
import type { RunRoot } from '../../target/run-dir.ts';
import type { Flavour } from '../../trace/observation.ts';
import { limits } from '../limits.ts';
import { runUnderGdb } from './run-under-gdb.ts';
import { runUnderValgrind } from './run-under-valgrind.ts';
import { slowMotion } from './slow-motion.ts';

/** `debuggers`: those that are to be used. */
export type ExplainPlan = {
  sequence: Sequence;
  kind: FindingKind;
  target: QemuTarget;
  flavour: Flavour;
  root: RunRoot;
  tool: { name: string; version: string };
  debuggers: Debuggers;
  /** No run is begun later than that; for ever when absent. */
  deadlineMs?: number;
};

/** `without`: by which debugger nothing was learnt, and why. */
export type Explained = { stacks: Stack[]; without: string[] };

/** Crashes and hangs have a place; other failures are of what QEMU did right up to its end. */
export const isExplicable = (kind: FindingKind): boolean => kind === 'crash' || kind === 'hang';

/** Runs the sequence again under each debugger until that has seen the failure, some times at most. */
export async function explain(plan: ExplainPlan): Promise<Explained> {
  const explained: Explained = { stacks: [], without: [] };
  const begunMs = performance.now();
  const { gdb, valgrind } = plan.debuggers;
  const asIs = Array.from({ length: limits.gdbRuns }, () => plan.sequence);
  if (gdb !== undefined) await attempt('gdb', asIs, (sequence) => runUnderGdb({ ...plan, sequence }, gdb));
  if (valgrind !== undefined) {
    const slowly = [
      plan.sequence,
      ...Array.from({ length: limits.valgrindRuns - 1 }, () => slowMotion(plan.sequence)),
    ];
    await attempt('valgrind', slowly, (sequence) => runUnderValgrind({ ...plan, sequence }, valgrind));
  }
  return explained;

  async function attempt(
    by: keyof Debuggers,
    sequences: readonly Sequence[],
    run: (sequence: Sequence) => Promise<Stack | undefined>,
  ): Promise<void> {
    try {
      for (const sequence of sequences) {
        if (performance.now() - begunMs > (plan.deadlineMs ?? Number.POSITIVE_INFINITY)) break;
        const stack = await run(sequence);
        if (!stack) continue;
        explained.stacks.push(stack);
        return;
      }
      explained.without.push(`${by}: ${nothing[by]} in ${sequences.length} runs`);
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      explained.without.push(`${by}: ${error.message}${by === 'valgrind' ? libcHint(plan.target) : ''}`);
    }
  }
}

const nothing = { gdb: 'QEMU did not fail', valgrind: 'no block of the heap was misused' } as const;

/** valgrind replaces functions of the dynamic loader, and needs the loader's symbols for that. */
const libcHint = ({ origin }: QemuTarget): string =>
  origin === 'fetched' ? " (valgrind needs the symbols of that QEMU's C library, which are not fetched)" : '';
