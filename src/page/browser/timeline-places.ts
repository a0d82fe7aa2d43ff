import type { Bar, Lane } from '../model.ts';

/** Which part of the time is seen, and where the pixels are. */
export type Window = { fromUs: number; toUs: number; widthPx: number; gutterPx: number };

export type Placed = { lane: Lane; topPx: number; rows: readonly LaneRow[] };
type LaneRow = { all: Row; wrong: Row };

/**
 * Bars by their beginnings. `endsUs`: of each, when it and all before it are over; ascending, so that what is in sight,
 * and what comes after a pixel, is found at once.
 */
type Row = { bars: Bar[]; endsUs: number[] };

export function placedLanes(lanes: readonly Lane[]): { placed: Placed[]; heightPx: number } {
  let topPx = axisPx;
  const placed = lanes.map((lane) => {
    const rows = Array.from({ length: lane.rows }, (_, i): LaneRow => {
      const bars = lane.bars.filter(({ row }) => row === i);
      return {
        all: rowOf(bars),
        wrong: rowOf(bars.filter(({ tone }) => tone === 'error' || tone === 'end')),
      };
    });
    const here = { lane, topPx, rows };
    topPx += lane.rows * rowPx + lanePadPx;
    return here;
  });
  return { placed, heightPx: topPx + 2 };
}

function rowOf(bars: Bar[]): Row {
  let last = 0;
  const endsUs = bars.map(({ toUs }) => {
    last = Math.max(last, toUs);
    return last;
  });
  return { bars, endsUs };
}

/** Where a moment is. */
export const xOf = (us: number, { fromUs, toUs, widthPx, gutterPx }: Window): number =>
  gutterPx + ((us - fromUs) / (toUs - fromUs)) * (widthPx - gutterPx);

/** From where to where a bar is drawn; undefined where it is out of sight. */
export function spanOf(bar: Bar, window: Window): { x: number; end: number } | undefined {
  const { widthPx, gutterPx } = window;
  const x = xOf(bar.fromUs, window);
  const end = Math.max(x + leastPx, xOf(bar.toUs, window));
  if (end < gutterPx || x > widthPx) return undefined;
  return { x: Math.max(gutterPx, x), end: Math.min(widthPx, end) };
}

/** The box around a bar; undefined where it is out of sight. */
export function boxOf(
  placed: readonly Placed[],
  window: Window,
  { lane, bar }: { lane: Lane; bar: Bar },
): { x: number; y: number; widthPx: number; heightPx: number } | undefined {
  const here = placed.find((each) => each.lane === lane);
  const span = spanOf(bar, window);
  if (!here || !span) return undefined;
  const { x, end } = span;
  return { x, y: here.topPx + bar.row * rowPx + 1, widthPx: Math.max(leastPx, end - x), heightPx: rowPx - 2 };
}

/** What is at a point of the picture; what is drawn last lies on top. */
export function barAt(
  placed: readonly Placed[],
  window: Window,
  x: number,
  y: number,
): { lane: Lane; bar: Bar } | undefined {
  const here = placed.find(({ lane, topPx }) => y >= topPx && y < topPx + lane.rows * rowPx);
  if (!here) return undefined;
  const row = here.rows[Math.floor((y - here.topPx) / rowPx)]?.all;
  if (!row) return undefined;
  const usPerPx = (window.toUs - window.fromUs) / (window.widthPx - window.gutterPx);
  const us = window.fromUs + (x - window.gutterPx) * usPerPx;
  let found: Bar | undefined;
  for (let i = firstAfter(row.endsUs, us - 4 * usPerPx); i < row.bars.length; i++) {
    const bar = row.bars[i] as Bar;
    if (bar.fromUs > us + 3 * usPerPx) break;
    if (bar.toUs >= us - 4 * usPerPx) found = bar;
  }
  return found && { lane: here.lane, bar: found };
}

/** The first place of ascending figures whose figure is not below. */
function firstAfter(ascending: readonly number[], least: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Those in the window; of many on the same pixels one. */
export function* drawnBars(
  { bars, endsUs }: Row,
  { fromUs, toUs, widthPx, gutterPx }: Window,
): Generator<Bar> {
  const leastUs = (leastPx * (toUs - fromUs)) / (widthPx - gutterPx);
  let next = firstAfter(endsUs, fromUs - leastUs);
  for (let bar = bars[next]; bar && bar.fromUs <= toUs; bar = bars[next]) {
    yield bar;
    next = Math.max(next + 1, firstAfter(endsUs, Math.max(bar.toUs, bar.fromUs + leastUs)));
  }
}

export const rowPx = 20;
export const lanePadPx = 6;
/** What is marked stands in the upper half, times in the lower. */
const axisPx = 32;
/** What happened at one moment is seen, too. */
export const leastPx = 3;
