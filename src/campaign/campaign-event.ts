import type { Discovery } from './discoveries.ts';
import type { SwitchedOff } from './troubles.ts';
import type { ProgramPlan, Ran } from './worker-messages.ts';

/** What happens in a campaign: the terminal, the JSON result and whoever comes later are listeners that it does not know. */
export type CampaignEvent =
  | { kind: 'began'; programs: readonly ProgramPlan[]; seed: string; findingsKnown: number; seeds: number }
  /** `news`: features that no earlier sequence had on this version. */
  | { kind: 'ran'; worker: number; ran: Ran; news: readonly string[]; features: number; interesting: number }
  /** A suspect was looked at with patience. */
  | { kind: 'confirmed'; ran: Ran }
  /** A signature that this campaign had not seen; `known`: the store had it. */
  | { kind: 'found'; discovery: Discovery }
  | { kind: 'shrinking'; worker: number; discovery: Discovery }
  | { kind: 'shrunk'; discovery: Discovery; executions: number; elapsedMs: number }
  /** A thing of the machine failed again and again: no further sequence uses it. */
  | { kind: 'switched-off'; off: SwitchedOff }
  /** A worker process died of a bug of ours and was replaced. */
  | { kind: 'worker-lost'; worker: number; message: string };
