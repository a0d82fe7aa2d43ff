import type { HistoryPoint } from './hunt-status.ts';

export type History = { add(point: HistoryPoint): void; points(): readonly HistoryPoint[] };

/**
 * A curve that never has more than `most` points: each time that it is full every second one goes, and from then on they
 * come half as often. The last point is always the one that was added last.
 */
export function openHistory(most: number, firstStepMs: number): History {
  let kept: HistoryPoint[] = [];
  let last: HistoryPoint | undefined;
  let stepMs = firstStepMs;
  return {
    add(point) {
      last = point;
      const before = kept.at(-1);
      if (before && point.atMs - before.atMs < stepMs) return;
      kept.push(point);
      if (kept.length < most) return;
      kept = kept.filter((_, i) => i % 2 === 0);
      stepMs *= 2;
    },
    points: () => (last && last !== kept.at(-1) ? [...kept, last] : kept),
  };
}
