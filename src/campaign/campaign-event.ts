import type { Discovery } from './discoveries/discovery.ts';
import type { RunsSum } from './feedback/runs-sum.ts';
import type { SwitchedOff } from './trouble/troubles.ts';
import type { ProgramPlan, Ran } from './worker/worker-messages.ts';

/** Another machine, and what it has done so far. `qemu`: label and flavour of each. */
export type Machine = {
  id: string;
  host: string;
  lanes: number;
  /** As its worker says. */
  confinement: string;
  qemu: string[];
  shards: number;
  tasks: number;
  sequences: number;
};

/** What happens in a campaign: the terminal, the JSON result and whoever comes later are listeners that it does not know. */
export type CampaignEvent =
  | { kind: 'began'; programs: readonly ProgramPlan[]; seed: string; findingsKnown: number; seeds: number }
  /** `news`: features that no earlier sequence had on this version. */
  | { kind: 'ran'; worker: number; ran: Ran; news: readonly string[]; features: number; interesting: number }
  /** Runs of one version on another machine, in one sum; what they found is said by itself. */
  | {
      kind: 'runs';
      version: string;
      sum: RunsSum;
      news: number;
      features: number;
      /** Of the features those that are edges of QEMU's code. */
      edges: number;
      interesting: number;
    }
  /** Who works for it, in place of what was said before; those that left stay. */
  | { kind: 'machines'; machines: readonly Machine[] }
  /** A suspect was looked at with patience. */
  | { kind: 'confirmed'; ran: Ran }
  /** A signature that this campaign had not seen; `known`: the store had it. */
  | { kind: 'found'; discovery: Discovery }
  | { kind: 'shrinking'; worker: number; discovery: Discovery }
  | { kind: 'shrunk'; discovery: Discovery; executions: number; elapsedMs: number }
  /** valgrind has seen who is to blame. */
  | { kind: 'explained'; discovery: Discovery }
  /** A thing of the machine failed again and again: no further sequence uses it. */
  | { kind: 'switched-off'; off: SwitchedOff }
  /** A worker process died, and is replaced; `isRun`: a sequence went with it without a verdict;
   * `suspects`: where what it was at is kept. */
  | {
      kind: 'worker-lost';
      worker: number;
      how: string;
      doing: string;
      isRun: boolean;
      suspects: readonly string[];
    }
  /** Something beside the hunt went wrong: a file that can't be read or written. */
  | { kind: 'warning'; message: string };
