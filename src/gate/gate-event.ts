import type { CampaignEvent } from '../campaign/campaign-event.ts';
import type { Tried } from '../campaign/try-out.ts';
import type { ItemPhase, ItemResult } from './item.ts';
import type { Side } from './lane.ts';
import type { Division } from './plan.ts';

/** What happens in a gate: the terminal and every file are listeners that it does not know. */
export type GateEvent =
  | { kind: 'began'; division: Division }
  /** `items`: how many there are; none is known of a hunt. */
  | { kind: 'phase'; phase: GatePhase; items: number }
  | { kind: 'ran'; side: Side; tried: Tried }
  | { kind: 'ruled'; result: ItemResult }
  | { kind: 'hunted'; event: CampaignEvent }
  | { kind: 'warning'; message: string };

/** Scenarios and regressions are looked at together; what the hunt has found is shown again at the end. */
export type GatePhase = 'sequences' | 'findings' | 'hunt' | 'showing';

export const partOf: Record<ItemPhase, GatePhase> = {
  scenario: 'sequences',
  regression: 'sequences',
  finding: 'findings',
  hunt: 'hunt',
};
