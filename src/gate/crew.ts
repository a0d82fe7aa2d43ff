import type { CampaignEvent, Machine } from '../campaign/campaign-event.ts';
import { type Hunt, hunt } from '../campaign/hunt.ts';
import type { HuntPlan } from '../campaign/hunt-plan.ts';
import type { Tried } from '../campaign/try-out.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { GateEvent } from './gate-event.ts';
import { type GateLane, openLane, type Side, type Sides } from './lane.ts';

/** Who carries out a gate's runs and its hunt: this machine, or the workers of a lab. The decisions are the gate's. */
export type Crew = {
  /** `heard` hears of every run. */
  lanes(heard: (side: Side, tried: Tried) => void): Promise<GateLane[]>;
  hunt(plan: HuntPlan, report: (event: CampaignEvent) => void): GateHunt;
  /** Whether lanes run anything while the hunt goes on. */
  runsDuringHunt: boolean;
  /** Hears what happens in the gate, where somebody shows it elsewhere. */
  hear?(event: GateEvent): void;
  /** Of a lab: those that work for it. */
  machines?(): Promise<readonly Machine[]>;
  close(): Promise<void>;
};

export type GateHunt = Pick<Hunt, 'finished' | 'kill' | 'discoveries'>;

/** This machine. */
export function openCrew(of: {
  sides: Sides;
  workers: number;
  root: RunRoot;
  tool: { name: string; version: string };
}): Crew {
  const { sides, root, tool } = of;
  return {
    lanes: async (heard) => Array.from({ length: of.workers }, () => openLane(sides, { root, tool, heard })),
    hunt,
    runsDuringHunt: true,
    close: async () => {},
  };
}
