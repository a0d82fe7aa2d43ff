import type { Bar, Lane, Timeline } from '../model.ts';
import { ms } from './dom.ts';

/** Which part of the time is seen, and where the pixels are. */
export type Window = { fromUs: number; toUs: number; widthPx: number; gutterPx: number };

export type Placed = { lane: Lane; topPx: number };

export const rowPx = 20;
const lanePadPx = 6;
export const axisPx = 26;

export function placedLanes(lanes: readonly Lane[]): { placed: Placed[]; heightPx: number } {
  let topPx = axisPx;
  const placed = lanes.map((lane) => {
    const here = { lane, topPx };
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
  for (const { lane, topPx } of placed) {
    on.fillStyle = palette('--line');
    on.fillRect(0, topPx - lanePadPx / 2, widthPx, 1);
    const drawnTo: number[] = [];
    for (const bar of lane.bars) {
      const x = xOf(bar.fromUs, window);
      const end = Math.max(x + leastPx, xOf(bar.toUs, window));
      if (end < gutterPx || x > widthPx) continue;
      if (end <= (drawnTo[bar.row] ?? 0) && bar !== selected) continue;
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
    on.fillStyle = palette('--bad');
    if (isSeen) on.fillRect(x - 1, 0, 2, heightPx);
    const text = fitted(
      on,
      `${place < gutterPx ? '← ' : ''}✗ ${moment.rule}${place > widthPx ? ' →' : ''}`,
      260,
    );
    const wide = on.measureText(text).width + 8;
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

/** A text cut to so many pixels. Measuring is dear: what is far too long is cut first. */
function fitted(on: CanvasRenderingContext2D, text: string, widthPx: number): string {
  const short = text.slice(0, Math.ceil(widthPx / 3));
  if (short.length === text.length && on.measureText(text).width <= widthPx) return text;
  let [low, high] = [0, short.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (on.measureText(`${short.slice(0, middle)}…`).width <= widthPx) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? '' : `${short.slice(0, low)}…`;
}
