import type { HistoryPoint } from './model.ts';

/** From one moment of a hunt to another; `value` is per `perMs`. */
export type RateSpan = { fromMs: number; toMs: number; value: number };

/**
 * How fast a sum grew, span by span. A span shorter than a hundredth of the whole goes with the one before it: of one
 * sequence in two milliseconds, as the last point may have it, no rate can be said.
 */
export function rateOf(
  points: readonly HistoryPoint[],
  field: Exclude<keyof HistoryPoint, 'atMs'>,
  perMs: number,
): RateSpan[] {
  const endMs = points.at(-1)?.atMs ?? 0;
  const spans: (RateSpan & { grown: number })[] = [];
  let before = { atMs: 0, value: 0 };
  for (const { atMs, [field]: value } of points) {
    const isShort = atMs - before.atMs < endMs / 100;
    const last = isShort ? spans.pop() : undefined;
    const fromMs = last?.fromMs ?? before.atMs;
    const grown = (last?.grown ?? 0) + value - before.value;
    if (atMs > fromMs) spans.push({ fromMs, toMs: atMs, grown, value: (grown * perMs) / (atMs - fromMs) });
    before = { atMs, value };
  }
  return spans.map(({ fromMs, toMs, value }) => ({ fromMs, toMs, value }));
}
