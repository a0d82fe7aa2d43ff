import type { Item } from './item.ts';
import { limits } from './limits.ts';

/** A part of a gate: what it looks at, and how long it may take. */
export type PlanPart = { items: readonly Item[]; leftOut: readonly Item[]; reckonedMs: number };

export type Division = {
  budgetMs: number;
  /** Scenarios and regressions. */
  sequences: PlanPart;
  findings: PlanPart;
  huntMs: number;
  /** Kept back at the end to show again what the hunt has found. */
  showingMs: number;
};

/**
 * Divides a budget. Items come in the order of their worth, and those that a part has no time for are left out: they are
 * said before the start. What a part does not need the hunt gets.
 */
export function divide(of: {
  budgetMs: number;
  workers: number;
  sequences: readonly Item[];
  findings: readonly Item[];
  hasBaseline: boolean;
}): Division {
  const { budgetMs, workers } = of;
  const sides = of.hasBaseline ? 2 : 1;
  const part = (items: readonly Item[], share: number, runs: number): PlanPart =>
    fitting(items, { capacityMs: budgetMs * share * workers, runs, workers });
  const sequences = part(of.sequences, limits.shares.sequences, 1);
  const findings = part(of.findings, limits.shares.findings, limits.findingRuns * sides);
  const showingMs = Math.round(budgetMs * limits.shares.showing);
  const huntMs = Math.round(budgetMs - showingMs - sequences.reckonedMs - findings.reckonedMs);
  return { budgetMs, sequences, findings, huntMs, showingMs };
}

function fitting(
  items: readonly Item[],
  { capacityMs, runs, workers }: { capacityMs: number; runs: number; workers: number },
): PlanPart {
  let sumMs = 0;
  const chosen: Item[] = [];
  const leftOut: Item[] = [];
  for (const item of items) {
    const cost = item.costMs * runs;
    if (sumMs + cost > capacityMs) {
      leftOut.push(item);
      continue; // a cheaper one after it may fit
    }
    sumMs += cost;
    chosen.push(item);
  }
  return {
    items: chosen,
    leftOut,
    reckonedMs: Math.round(sumMs / Math.max(1, workers)),
  };
}
