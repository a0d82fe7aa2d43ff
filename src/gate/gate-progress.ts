import type { GateEvent, GatePhase } from './gate-event.ts';
import type { ItemResult } from './item.ts';

/** How far a gate is, of what `hear` has heard: the part that goes on, its items, and every verdict so far. */
export function openGateProgress() {
  let [doing, done, of] = ['beginning', 0, 0];
  const verdicts = new Map<ItemResult['verdict'], number>();
  return {
    hear(event: GateEvent): void {
      if (event.kind === 'phase') [doing, done, of] = [partWords[event.phase], 0, event.items];
      if (event.kind !== 'ruled') return;
      const { verdict } = event.result;
      done = Math.min(of, done + 1);
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    },
    now(): { doing: string; done: number; of: number; words: string } {
      const counts = order.flatMap((verdict) => {
        const times = verdicts.get(verdict);
        return times === undefined ? [] : [`${times} ${verdict}`];
      });
      return { doing, done, of, words: counts.length > 0 ? counts.join(', ') : 'none yet' };
    },
  };
}

const partWords: Record<GatePhase, string> = {
  sequences: 'scenarios and regressions',
  findings: 'known findings',
  hunt: 'a hunt for what is new',
  showing: 'showing again what the hunt has found',
};

/** What fails the gate stands first. */
const order: readonly ItemResult['verdict'][] = ['fail', 'flaky', 'unknown', 'known', 'pass', 'skipped'];
