import type { Curve } from '../../live-model.ts';
import { h, svg } from '../dom.ts';
import { grouped } from '../numbers.ts';

/** A value over time as a line, with its last value in words; `show` draws it anew. */
export function curveView(): { element: HTMLElement; show(curve: Curve): void } {
  const name = h('b');
  const now = h('span', { class: 'now' });
  const unit = h('span', { class: 'muted' });
  const area = svg('path', { class: 'area' });
  const line = svg('path', { class: 'stroke' });
  const most = h('span');
  const span = h('span');
  const picture = svg(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', class: 'curve', role: 'img' },
    svg('line', { x1: 0, x2: width, y1: height - 1, y2: height - 1, class: 'base' }),
    area,
    line,
  );
  const element = h(
    'figure',
    { class: 'curve-box' },
    h('figcaption', {}, name, ' ', now, ' ', unit),
    picture,
    h('p', { class: 'muted scale' }, span, most),
  );
  return { element, show };

  function show(curve: Curve): void {
    const { points } = curve;
    name.textContent = curve.name;
    now.textContent = curve.now;
    unit.textContent = curve.unit;
    const [from, to] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0];
    const top = Math.max(1, ...points.map(([, value]) => value));
    const x = (at: number): string => (to > from ? ((at - from) / (to - from)) * width : width).toFixed(1);
    const y = (value: number): string => (height - 2 - (value / top) * (height - 6)).toFixed(1);
    const path = points.map(([at, value], i) => `${i === 0 ? 'M' : 'L'}${x(at)} ${y(value)}`).join('');
    line.setAttribute('d', path);
    area.setAttribute('d', points.length > 1 ? `${path}L${width} ${height}L0 ${height}Z` : '');
    most.textContent = `most ${grouped(top, 1)}`;
    span.textContent = points.length > 1 ? `${duration(to - from)}` : 'nothing yet';
    picture.setAttribute(
      'aria-label',
      `${curve.name}, ${curve.unit}: ${curve.now} now, ${top.toFixed(1)} at most, over ${duration(to - from)}`,
    );
  }
}

const width = 300;
const height = 72;

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
