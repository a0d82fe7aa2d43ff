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
  /** The candidate's. */
  version: string;
  /** Whether the baseline has a program of that flavour. */
  hasBaseline(flavour: Flavour): boolean;
  /** The budget is spent, or somebody stopped the gate. */
  isLate(): boolean;
  /** The part of the plan that the item is in has had its time: what comes after it must not go without. */
  isPartOver(): boolean;
};
