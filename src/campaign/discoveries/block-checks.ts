import { join } from 'node:path';
import type { Findings } from '../../findings/store.ts';
import type { QemuTarget } from '../../target/programs/binary.ts';
import { limits } from '../limits.ts';
import { runBlock } from '../rating/block-run.ts';

/** Runs the block of a report that was just written, and keeps in the finding whether it shows what it says. */
export async function checkBlock(
  store: Findings,
  id: string,
  target: QemuTarget,
  cancelled = AbortSignal.timeout(limits.blockDeadlineMs),
): Promise<void> {
  const runs = await runBlock(join(store.dir, id), target, cancelled);
  if (runs) store.setBlock(id, runs);
}

/** Whether the blocks of findings show what they say: one after the other, beside everything else. */
export type BlockChecks = {
  check(id: string, target: QemuTarget): void;
  /** What is not done a moment later is left. */
  close(): Promise<void>;
};

export function openBlockChecks(store: Findings, warn: (message: string) => void): BlockChecks {
  const closing = new AbortController();
  let last: Promise<void> = Promise.resolve();
  return {
    check(id, target) {
      last = last.then(() => checked(id, target));
    },
    close() {
      const late = setTimeout(() => closing.abort(), limits.blockWindDownMs);
      return last.finally(() => clearTimeout(late));
    },
  };

  async function checked(id: string, target: QemuTarget): Promise<void> {
    if (closing.signal.aborted) return;
    try {
      await checkBlock(store, id, target, closing.signal);
    } catch (error) {
      warn(`the block of ${id} was not tried: ${(error as Error).message}`);
    }
  }
}
