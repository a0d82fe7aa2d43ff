import { counted } from './hunt-lines.ts';
import { limits } from './limits.ts';

/** How many sequences were judged, and why the others were not: the contract's `decided`. */
export type Decided = { sequences: number; undecided: { reason: string; count: number }[] };

/** Counts runs as they end; one that was skipped is no run. */
export type DecidedCount = { decided(): void; undecided(reason: string): void; result(): Decided };

export function countDecided(): DecidedCount {
  const reasons: Record<string, number> = {};
  let sequences = 0;
  return {
    decided: () => void sequences++,
    undecided(reason) {
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    },
    result: () => decidedOf(sequences, reasons),
  };
}

/** The most frequent reason first. */
export function decidedOf(sequences: number, reasons: Readonly<Record<string, number>>): Decided {
  const undecided = Object.entries(reasons).map(([reason, count]) => ({ reason, count }));
  return { sequences, undecided: undecided.sort((a, b) => b.count - a.count) };
}

const undecidedIn = ({ undecided }: Decided): number => undecided.reduce((sum, { count }) => sum + count, 0);

/** Whether so many were judged that finding nothing means something. One alone that was not never decides that. */
export function allowsPass(decided: Decided): boolean {
  const undecided = undecidedIn(decided);
  const isEnough = decided.sequences >= (decided.sequences + undecided) * limits.decidedShareMin;
  return decided.sequences > 0 && (undecided <= 1 || isEnough);
}

/** "12 of 14 sequences decided", and a line for each reason. */
export function decidedText(decided: Decided, what = 'sequence'): { total: string; reasons: string[] } {
  const all = decided.sequences + undecidedIn(decided);
  return {
    total: `${decided.sequences} of ${counted(all, what)} decided`,
    reasons: decided.undecided.map(({ reason, count }) => `${count} undecided: ${reason}`),
  };
}
