import type { Bar, Lane, Timeline } from '../model.ts';
import { ms } from './numbers.ts';

/** Which part of the time is seen, and where the pixels are. */
export type Window = { fromUs: number; toUs: number; widthPx: number; gutterPx: number };

export type Placed = { lane: Lane; topPx: number; rows: readonly LaneRow[] };
type LaneRow = { all: Row; wrong: Row };

/**
 * Bars by their beginnings. `endsUs`: of each, when it and all before it are over; ascending, so that what is in sight,
 * and what comes after a pixel, is found at once.
 */
type Row = { bars: Bar[]; endsUs: number[] };

const rowPx = 20;
const lanePadPx = 6;
const axisPx = 26;

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

export const xOf = (us: number, { fromUs, toUs, widthPx, gutterPx }: Window): number =>
  gutterPx + ((us - fromUs) / (toUs - fromUs)) * (widthPx - gutterPx);

export type Palette = (name: string) => string;

/** Draws what is in the window. What falls on the same pixels as its neighbour in a row is drawn once. */
export function drawTimeline(
  on: CanvasRenderingContext2D,
  timeline: Timeline,
  placed: readonly Placed[],
  window: Window,
  palette: Palette,
  selected: { lane: Lane; bar: Bar } | undefined,
): void {
  const { widthPx, gutterPx } = window;
  const heightPx = on.canvas.height;
  on.clearRect(0, 0, widthPx, heightPx);
  on.font = '12px system-ui, sans-serif';
  on.textBaseline = 'middle';
  axis(on, timeline, window, palette, heightPx);
  const draw = (bar: Bar, topPx: number): void => {
    const x = xOf(bar.fromUs, window);
    const end = Math.max(x + leastPx, xOf(bar.toUs, window));
    if (end < gutterPx || x > widthPx) return;
    const place = { x: Math.max(gutterPx, x), end: Math.min(widthPx, end), y: topPx + bar.row * rowPx };
    drawBar(on, bar, place, window, palette, bar === selected?.bar);
  };
  for (const { lane, topPx, rows } of placed) {
    on.fillStyle = palette('--line');
    on.fillRect(0, topPx - lanePadPx / 2, widthPx, 1);
    for (const { all, wrong } of rows) {
      for (const bar of drawnBars(all, window)) draw(bar, topPx);
      // What went wrong is seen in any case.
      for (const bar of drawnBars(wrong, window)) draw(bar, topPx);
    }
    if (selected?.lane === lane) draw(selected.bar, topPx);
    on.fillStyle = palette('--back');
    on.fillRect(0, topPx - lanePadPx / 2 + 1, gutterPx - 2, lane.rows * rowPx + lanePadPx - 1);
    on.fillStyle = palette('--text');
    on.fillText(fitted(on, lane.name, gutterPx - 10), 4, topPx + rowPx / 2);
  }
  for (const moment of timeline.moments) {
    const place = xOf(moment.us, window);
    // Out of sight it is marked at the edge behind which it is.
    const isSeen = place >= gutterPx && place <= widthPx;
    const x = Math.min(widthPx, Math.max(gutterPx, place));
    const colour = palette(moment.is === 'difference' ? '--accent' : '--bad');
    on.fillStyle = colour;
    if (isSeen) on.fillRect(x - 1, 0, 2, heightPx);
    const text = fitted(
      on,
      `${place < gutterPx ? '← ' : ''}${moment.is === 'difference' ? '≠' : '✗'} ${moment.rule}${place > widthPx ? ' →' : ''}`,
      260,
    );
    const wide = widthOf(on, text) + 8;
    const at = x + wide > widthPx ? x - wide : x;
    on.fillRect(at, 0, wide, 16);
    on.fillStyle = palette('--back');
    on.fillText(text, at + 4, 8);
  }
}

/** Those in the window; of many on the same pixels one. */
function* drawnBars({ bars, endsUs }: Row, { fromUs, toUs, widthPx, gutterPx }: Window): Generator<Bar> {
  const leastUs = (leastPx * (toUs - fromUs)) / (widthPx - gutterPx);
  let next = firstAfter(endsUs, fromUs - leastUs);
  for (let bar = bars[next]; bar && bar.fromUs <= toUs; bar = bars[next]) {
    yield bar;
    next = Math.max(next + 1, firstAfter(endsUs, Math.max(bar.toUs, bar.fromUs + leastUs)));
  }
}

/** What happened at one moment is seen, too. */
const leastPx = 3;

function drawBar(
  on: CanvasRenderingContext2D,
  bar: Bar,
  { x, end, y }: { x: number; end: number; y: number },
  window: Window,
  palette: Palette,
  isSelected: boolean,
): void {
  const tone = toneVariable(bar.tone);
  const tall = rowPx - 4;
  let isPale = false;
  on.fillStyle = palette(`--${tone}`);
  if (bar.hiddenFromUs === undefined) on.fillRect(x, y + 2, end - x, tall);
  else {
    // Sent and waiting: pale. From the reply before on its handler may have run: full.
    const hidden = Math.min(end, Math.max(x, xOf(bar.hiddenFromUs, window)));
    on.globalAlpha = 0.3;
    on.fillRect(x, y + 2, hidden - x, tall);
    on.globalAlpha = 1;
    on.fillRect(hidden, y + 2, Math.max(1, end - hidden), tall);
    isPale = hidden - x > (end - x) / 2;
  }
  if (isSelected) {
    on.strokeStyle = palette('--text');
    on.lineWidth = 2;
    on.strokeRect(x, y + 1, Math.max(3, end - x), tall + 2);
  }
  if (end - x < 26) return;
  on.fillStyle = palette(isPale ? '--text' : `--on-${tone}`);
  on.fillText(fitted(on, bar.text, end - x - 6), x + 4, y + rowPx / 2);
}

/** The statuses of a job that differ to whoever looks at it; the rest are in between. */
function toneVariable(tone: Bar['tone']): string {
  const status = /^job-(.*)$/.exec(tone)?.[1];
  if (status === undefined) return tone;
  return ['running', 'ready', 'paused', 'standby', 'aborting', 'concluded', 'pending'].includes(status)
    ? `job-${status}`
    : 'job-between';
}

function axis(
  on: CanvasRenderingContext2D,
  timeline: Timeline,
  window: Window,
  palette: Palette,
  heightPx: number,
): void {
  const { fromUs, toUs, widthPx, gutterPx } = window;
  const about = ((toUs - fromUs) / (widthPx - gutterPx)) * 110;
  const power = 10 ** Math.floor(Math.log10(Math.max(about, 1)));
  const every = [1, 2, 5, 10].map((times) => times * power).find((step) => step >= about) ?? about;
  for (let us = Math.ceil(fromUs / every) * every; us <= toUs; us += every) {
    const x = xOf(us, window);
    on.fillStyle = palette('--line');
    on.fillRect(x, 16, 1, heightPx);
    on.fillStyle = palette('--muted');
    on.fillText(ms(us), x + 3, 19);
  }
  for (const { name, fromUs: us } of timeline.phases) {
    const x = xOf(us, window);
    if (x < gutterPx || x > widthPx) continue;
    on.fillStyle = palette('--muted');
    on.fillRect(x, 0, 1, heightPx);
    on.fillText(name, x + 3, 7);
  }
}

/** A text cut to so many pixels. What is far too long is cut first. */
function fitted(on: CanvasRenderingContext2D, text: string, widthPx: number): string {
  const short = text.slice(0, Math.ceil(widthPx / 3));
  const wide = widthOf(on, short);
  if (short.length === text.length && wide <= widthPx) return text;
  const kept = Math.floor(
    (short.length * (widthPx - ellipsisPx) * 0.95) / Math.max(wide, widthPx - ellipsisPx),
  );
  return kept <= 0 ? '' : `${short.slice(0, kept)}…`;
}

const ellipsisPx = 12;
const widths = new Map<string, number>();

/** The sum of its characters' widths: near enough, and a text that is cut elsewhere at each zoom is not measured each time. */
function widthOf(on: CanvasRenderingContext2D, text: string): number {
  let sum = 0;
  for (const character of text) {
    const known = widths.get(character) ?? on.measureText(character).width;
    widths.set(character, known);
    sum += known;
  }
  return sum;
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
