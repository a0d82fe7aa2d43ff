import type { Bar, Lane, Timeline } from '../model.ts';
import { ms } from './numbers.ts';

/** Which part of the time is seen, and where the pixels are. */
export type Window = { fromUs: number; toUs: number; widthPx: number; gutterPx: number };

/** `endsUs`: of each bar, when it and all before it are over; ascending, so that what is in sight is found at once. */
export type Placed = { lane: Lane; topPx: number; endsUs: readonly number[] };

const rowPx = 20;
const lanePadPx = 6;
const axisPx = 26;

export function placedLanes(lanes: readonly Lane[]): { placed: Placed[]; heightPx: number } {
  let topPx = axisPx;
  const placed = lanes.map((lane) => {
    let last = 0;
    const endsUs = lane.bars.map(({ toUs }) => {
      last = Math.max(last, toUs);
      return last;
    });
    const here = { lane, topPx, endsUs };
    topPx += lane.rows * rowPx + lanePadPx;
    return here;
  });
  return { placed, heightPx: topPx + 2 };
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
  selected: Bar | undefined,
): void {
  const { widthPx, gutterPx } = window;
  const heightPx = on.canvas.height;
  on.clearRect(0, 0, widthPx, heightPx);
  on.font = '12px system-ui, sans-serif';
  on.textBaseline = 'middle';
  axis(on, timeline, window, palette, heightPx);
  const leastUs = (leastPx * (window.toUs - window.fromUs)) / (widthPx - gutterPx);
  for (const { lane, topPx, endsUs } of placed) {
    on.fillStyle = palette('--line');
    on.fillRect(0, topPx - lanePadPx / 2, widthPx, 1);
    const drawnTo: number[] = [];
    for (let i = firstAfter(endsUs, window.fromUs - leastUs); i < lane.bars.length; i++) {
      const bar = lane.bars[i] as Bar;
      if (bar.fromUs > window.toUs) break;
      const x = xOf(bar.fromUs, window);
      const end = Math.max(x + leastPx, xOf(bar.toUs, window));
      if (end < gutterPx) continue;
      // Of many on the same pixels one is drawn, and what went wrong in any case.
      const isTiny = end - x <= leastPx && bar.tone !== 'error' && bar.tone !== 'end';
      if ((isTiny ? x : end) < (drawnTo[bar.row] ?? 0) && bar !== selected) continue;
      drawnTo[bar.row] = Math.ceil(end);
      drawBar(
        on,
        bar,
        { x: Math.max(gutterPx, x), end: Math.min(widthPx, end), y: topPx + bar.row * rowPx },
        window,
        palette,
        bar === selected,
      );
    }
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

/** A text cut to so many pixels. Measuring is dear: what is far too long is cut first, and each text is measured once. */
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

function widthOf(on: CanvasRenderingContext2D, text: string): number {
  const known = widths.get(text) ?? on.measureText(text).width;
  if (widths.size > 20_000) widths.clear();
  widths.set(text, known);
  return known;
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
  const row = Math.floor((y - here.topPx) / rowPx);
  const bar = here.lane.bars.findLast(
    (each) =>
      each.row === row &&
      x >= xOf(each.fromUs, window) - 3 &&
      x <= Math.max(xOf(each.toUs, window), xOf(each.fromUs, window)) + 4,
  );
  return bar && { lane: here.lane, bar };
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
