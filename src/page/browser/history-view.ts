import type { HistoryPoint } from '../model.ts';
import { type RateSpan, rateOf } from '../rate.ts';
import { h, svg } from './dom.ts';
import { grouped } from './numbers.ts';

/** Small curves over the time of a hunt: how fast it was, what was new to it and how fast that came, what it found. */
export function historyView(points: readonly HistoryPoint[]): HTMLElement {
  const history = [{ atMs: 0, sequences: 0, features: 0, findings: 0 }, ...points];
  const sums = (field: 'features' | 'findings') =>
    history.map(({ atMs, [field]: value }) => ({ atMs, value }));
  return h(
    'div',
    { class: 'curves' },
    curve('sequences a second', steps(rateOf(points, 'sequences', 1000))),
    curve('features seen', sums('features')),
    curve('new features a minute', steps(rateOf(points, 'features', 60_000))),
    curve('findings', sums('findings')),
  );
}

type Point = { atMs: number; value: number };

/** A rate is that of a span, not of a moment: it is drawn level. */
const steps = (spans: readonly RateSpan[]): Point[] =>
  spans.flatMap(({ fromMs, toMs, value }) => [
    { atMs: fromMs, value },
    { atMs: toMs, value },
  ]);

/** `viewBox` units are pixels of the largest size; it shrinks with its column. */
const [widthPx, heightPx] = [320, 90];

function curve(name: string, points: readonly Point[]): HTMLElement {
  const endMs = Math.max(1, ...points.map(({ atMs }) => atMs));
  const most = Math.max(...points.map(({ value }) => value), 0);
  const last = points.at(-1)?.value ?? 0;
  const x = (atMs: number): string => ((atMs / endMs) * widthPx).toFixed(1);
  const y = (value: number): string =>
    (heightPx - 2 - (value / Math.max(most, 1e-9)) * (heightPx - 8)).toFixed(1);
  const said = `${name}: at most ${short(most)}, in the end ${short(last)}, over ${short(endMs / 1000)} s`;
  return h(
    'figure',
    {},
    h(
      'figcaption',
      {},
      h('b', {}, name),
      h('span', { class: 'muted' }, ` at most ${short(most)}, in the end ${short(last)}`),
    ),
    svg(
      'svg',
      { viewBox: `0 0 ${widthPx} ${heightPx}`, role: 'img', 'aria-label': said, class: 'curve' },
      svg('path', { d: `M0 ${heightPx - 1}H${widthPx}`, class: 'base' }),
      svg('polyline', { points: points.map(({ atMs, value }) => `${x(atMs)},${y(value)}`).join(' ') }),
    ),
    h('p', { class: 'muted ends' }, h('span', {}, '0 s'), h('span', {}, `${short(endMs / 1000)} s`)),
  );
}

const short = (value: number): string => grouped(value, value < 10 ? 1 : 0);
