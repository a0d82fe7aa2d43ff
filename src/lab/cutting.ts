import { type HuntJob, withId } from './jobs.ts';
import { limits } from './limits.ts';

/**
 * Cuts a campaign into shards: property x program x range of numbers; a property that has its turn twice is cut as two. The programs that are there at the start share the
 * numbers as on one machine (campaign/lanes/next-run.ts), so that the same seed and options are the same sequences; one
 * that comes later has numbers of its own. What is cut is remembered as one number for each property and program.
 */
export type Cutting = {
  /** The next shard for a program; undefined where the budget is spent. `ms`: what is left of the time. */
  next(program: string, ms: number): HuntJob | undefined;
  /** A program that is there from now on. */
  admit(program: string): void;
  /** Every number of the budget is in a shard. */
  isSpent(): boolean;
  /** The first programs are complete: their number is settled. */
  settle(): void;
  /** How long sequences of a program take. */
  measured(program: string, sequences: number, ms: number): void;
  /** How far it is, for the journal. */
  state(): CuttingState;
};

/** `first`: programs that share the numbers, in order. `rounds`: by program and place in the turns, how many were cut. */
export type CuttingState = { first: string[]; late: string[]; rounds: Record<string, number> };

/** `shardSequencesMax`: where shards are to be smaller than usual. */
export type CuttingPlan = {
  campaign: string;
  seed: string;
  /** Properties in the order of their turns, over and over (campaign/turns.ts). */
  turns: readonly string[];
  sequences?: number | undefined;
  shardSequencesMax?: number | undefined;
};

export function openCutting(
  plan: CuttingPlan,
  before: CuttingState = { first: [], late: [], rounds: {} },
): Cutting {
  const { first, late, rounds } = structuredClone(before);
  const { shardSequencesMax: most = limits.shardSequencesMax } = plan;
  const usualMs = new Map<string, number>();
  let isSettled = first.length > 0;

  return {
    admit(program) {
      if (first.includes(program) || late.includes(program)) return;
      (isSettled ? late : first).push(program);
    },
    settle() {
      if (first.length > 0) isSettled = true;
    },
    isSpent: () => plan.sequences !== undefined && first.every((program) => behind(program).length === 0),
    next(program, ms) {
      const at = first.indexOf(program);
      if (at === -1 && (!late.includes(program) || plan.sequences !== undefined)) return undefined;
      const [property] = behind(program);
      if (!property) return undefined;
      const { name, place, cut } = property;
      const count = Math.min(remaining(at, place, cut), fitting(program, ms));
      rounds[`${program} ${place}`] = cut + count;
      const { from, step } = numbers(at, place, cut);
      const seed = at === -1 ? `${plan.seed} ${program}` : plan.seed;
      const { campaign } = plan;
      return withId({ kind: 'hunt', campaign, program, property: name, seed, from, step, count });
    },
    measured(program, sequences, ms) {
      if (sequences === 0) return;
      const before = usualMs.get(program);
      usualMs.set(program, before === undefined ? ms / sequences : 0.8 * before + (0.2 * ms) / sequences);
    },
    state: () => structuredClone({ first, late, rounds }),
  };

  /** Properties that have numbers left, the one that is behind first: all of them advance evenly. */
  function behind(program: string): { name: string; place: number; cut: number }[] {
    const at = first.indexOf(program);
    return plan.turns
      .map((name, place) => ({ name, place, cut: rounds[`${program} ${place}`] ?? 0 }))
      .filter(({ place, cut }) => remaining(at, place, cut) > 0)
      .sort((a, b) => a.cut - b.cut || a.place - b.place);
  }

  /** Round r of a place is round `r * turns + place` of the campaign, whose programs take turns. */
  function numbers(at: number, place: number, cut: number): { from: number; step: number } {
    const round = cut * plan.turns.length + place;
    const programs = at === -1 ? 1 : first.length;
    return { from: round * programs + Math.max(0, at), step: plan.turns.length * programs };
  }

  function remaining(at: number, place: number, cut: number): number {
    if (plan.sequences === undefined) return most;
    const { from, step } = numbers(at, place, cut);
    return Math.max(0, Math.ceil((plan.sequences - from) / step));
  }

  /** As many as take a shard's time, or a quarter of what is left of the budget. */
  function fitting(program: string, ms: number): number {
    const usual = usualMs.get(program);
    if (usual === undefined) return Math.min(limits.firstShardSequences, most);
    const count = Math.floor(Math.min(limits.shardMs, ms / 4) / Math.max(usual, 0.1));
    return Math.min(most, Math.max(1, count));
  }
}
