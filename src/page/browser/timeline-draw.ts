import type { Bar, Timeline } from '../model.ts';
import { ms } from './numbers.ts';
import {
  drawnBars,
  lanePadPx,
  leastPx,
  type Placed,
  rowPx,
  spanOf,
  type Window,
  xOf,
} from './timeline-places.ts';

export type Palette = (name: string) => string;

/** Draws what is in the window. What falls on the same pixels as its neighbour in a row is drawn once. */
export function drawTimeline(
  on: CanvasRenderingContext2D,
  timeline: Timeline,
  placed: readonly Placed[],
  window: Window,
  palette: Palette,
): void {
  const { widthPx, gutterPx } = window;
  const heightPx = on.canvas.height;
  on.clearRect(0, 0, widthPx, heightPx);
  on.font = '12px system-ui, sans-serif';
  on.textBaseline = 'middle';
  axis(on, timeline, window, palette, heightPx);
  for (const { lane, topPx, rows } of placed) {
    on.fillStyle = palette('--line');
    on.fillRect(0, topPx - lanePadPx / 2, widthPx, 1);
    for (const [row, { all, wrong }] of rows.entries()) {
      const y = topPx + row * rowPx;
      drawRow(on, drawnBars(all, window), y, window, palette);
      // What went wrong is seen in any case.
      drawRow(on, drawnBars(wrong, window), y, window, palette);
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
    // What it would cut in two is covered as a whole.
    for (const phase of timeline.phases) {
      const from = xOf(phase.fromUs, window) + 1;
      const end = from + 2 + widthOf(on, phase.name);
      if (from >= at + wide || end <= at || from < gutterPx) continue;
      on.fillStyle = palette('--back');
      on.fillRect(from, 0, end - from, 16);
      on.fillStyle = colour;
    }
    on.fillRect(at, 0, wide, 16);
    on.fillStyle = palette('--back');
    on.fillText(text, at + 4, 8);
  }
}

/** Of narrower bars there is nothing to read. */
const leastTextPx = 26;

/** Narrow bars of one tone that touch are one rectangle: a picture of a long trace has thousands of them. */
function drawRow(
  on: CanvasRenderingContext2D,
  bars: Iterable<Bar>,
  y: number,
  window: Window,
  palette: Palette,
): void {
  let [from, to, tone] = [0, 0, ''];
  const flush = (): void => {
    if (to <= from) return;
    on.fillStyle = palette(`--${tone}`);
    on.fillRect(from, y + 2, to - from, rowPx - 4);
  };
  for (const bar of bars) {
    const span = spanOf(bar, window);
    if (!span) continue;
    const place = { ...span, y };
    const wide = place.end - place.x;
    if (wide >= leastTextPx || (bar.hiddenFromUs !== undefined && wide > 2 * leastPx)) {
      flush();
      [from, to] = [0, 0];
      drawBar(on, bar, place, window, palette);
      continue;
    }
    const own = toneVariable(bar.tone);
    if (own !== tone || place.x > to + 0.5 || place.x < from) {
      flush();
      [from, tone] = [place.x, own];
    }
    to = place.end;
  }
  flush();
}

function drawBar(
  on: CanvasRenderingContext2D,
  bar: Bar,
  { x, end, y }: { x: number; end: number; y: number },
  window: Window,
  palette: Palette,
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
  if (end - x < leastTextPx) return;
  on.fillStyle = palette(isPale ? '--text' : `--on-${tone}`);
  on.fillText(fitted(on, bar.text, end - x - 6), x + 4, y + rowPx / 2);
}

/** The statuses of a job that differ to whoever looks at it; the rest are in between. */
function toneVariable(tone: Bar['tone']): string {
  return tone.startsWith('job-') && !ownTones.has(tone) ? 'job-between' : tone;
}

const ownTones = new Set(
  ['running', 'ready', 'paused', 'standby', 'aborting', 'concluded', 'pending'].map((each) => `job-${each}`),
);

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
    on.fillRect(x, 18, 1, heightPx);
    on.fillStyle = palette('--muted');
    if (x + 3 + widthOf(on, ms(us)) <= widthPx) on.fillText(ms(us), x + 3, 24);
  }
  const phases = timeline.phases.map(({ name, fromUs: us }) => ({ name, x: xOf(us, window) }));
  for (const [i, { name, x }] of phases.entries()) {
    if (x < gutterPx || x > widthPx) continue;
    on.fillStyle = palette('--muted');
    on.fillRect(x, 0, 1, heightPx);
    // Half a name says nothing.
    const end = Math.min(widthPx, phases[i + 1]?.x ?? widthPx);
    if (x + 3 + widthOf(on, name) <= end) on.fillText(name, x + 3, 7);
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
