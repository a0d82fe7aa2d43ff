import type { Stack } from '../../findings/stacks/stack.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { findDebuggers } from '../../target/debuggers/debuggers.ts';
import { limits } from '../limits.ts';
import { isHang } from '../worker/is-hang.ts';
import { type ExplainPlan, explain } from './explain.ts';

/** Where a crash or a hang is: nothing of other failures, without gdb, or where there is no time left for it. */
export async function seenByGdb(
  sequence: Sequence,
  signature: string,
  on: Omit<ExplainPlan, 'sequence' | 'kind' | 'debuggers'> & { deadlineMs: number },
): Promise<Stack[]> {
  const kind = isHang(signature) ? 'hang' : 'crash';
  const { gdb } = findDebuggers();
  if (gdb === undefined || !signature.startsWith(`${kind}/`) || on.deadlineMs < limits.gdbUsualMs) return [];
  return (await explain({ ...on, sequence, kind, debuggers: { gdb } })).stacks;
}
