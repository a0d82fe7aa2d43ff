import type { CampaignEvent } from '../campaign/campaign-event.ts';
import { countsOf } from '../campaign/feedback/coverage.ts';
import type { GateEvent, GatePhase } from '../gate/gate-event.ts';
import type { ItemResult } from '../gate/item.ts';
import type { Side } from '../gate/lane.ts';
import { brief } from '../judge/ledger.ts';
import { type HuntState, openHuntTally } from './hunt-tally.ts';
import { openRulesTally } from './rules-tally.ts';

/** A gate as far as it has come. */
export type GateState = {
  phase: GatePhase | undefined;
  /** Items of the phase, and how many of them are ruled on. */
  phaseItems: number;
  phaseDone: number;
  results: readonly ItemResult[];
  /** QMP sequences of both QEMUs, the hunt's left out. */
  runs: Record<Side, number>;
  sums: { commands: number; guestWrites: number; faultsInjected: number };
  /** `rules`: of all runs, on both QEMUs. */
  hunt: HuntState;
  warnings: readonly string[];
};

/** The figures of a gate, from its events. */
export function openGateTally(nowMs: () => number) {
  const rules = openRulesTally();
  const hunted = openHuntTally(nowMs, rules);
  const results: ItemResult[] = [];
  const runs = { candidate: 0, baseline: 0 };
  const sums = { commands: 0, guestWrites: 0, faultsInjected: 0 };
  const warnings: string[] = [];
  let phase: GatePhase | undefined;
  let phaseItems = 0;
  let phaseDone = 0;

  return {
    hear(event: GateEvent): void {
      switch (event.kind) {
        case 'began':
          return;
        case 'phase':
          ({ phase, items: phaseItems } = event);
          phaseDone = 0;
          return;
        case 'ran': {
          runs[event.side]++;
          rules.add(brief(event.tried.verdicts));
          const counts = countsOf(event.tried.trace);
          for (const key of ['commands', 'guestWrites', 'faultsInjected'] as const) sums[key] += counts[key];
          return;
        }
        case 'ruled':
          results.push(event.result);
          phaseDone++;
          return;
        case 'hunted':
          hear(event.event);
          return;
        case 'warning':
          warnings.push(event.message);
          return;
      }
    },
    state: (): GateState => ({
      phase,
      phaseItems,
      phaseDone,
      results,
      runs,
      sums,
      hunt: hunted.state(),
      warnings,
    }),
  };

  function hear(event: CampaignEvent): void {
    if (event.kind === 'warning') warnings.push(event.message);
    hunted.hear(event);
  }
}
