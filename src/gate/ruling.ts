import type { QemuTarget } from '../target/programs/binary.ts';
import type { Flavour } from '../trace/observation.ts';
import type { Causes } from './causes.ts';
import type { KnownDefects } from './known.ts';
import type { GateLane } from './lane.ts';
import type { Policy } from './policy.ts';

/** What the verdict on an item rests on beside the item itself. */
export type Ruling = {
  lane: GateLane;
  known: KnownDefects;
  causes: Causes;
  policy: Policy;
  /** As 2026-11-29. */
  today: string;
  candidate: QemuTarget;
  baseline?: QemuTarget | undefined;
  /** The candidate's. */
  version: string;
  /** Whether the baseline has a program of that flavour. */
  hasBaseline(flavour: Flavour): boolean;
  /** Why there is no time for another run of the item: it has had its share, or its part has. */
  outOfTime(): string | undefined;
};
