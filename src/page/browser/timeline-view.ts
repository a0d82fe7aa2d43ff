import type { Bar, Timeline } from '../model.ts';
import { h, ms } from './dom.ts';
import { rawLines } from './raw-lines.ts';
import { axisPx, drawTimeline, placedLanes, rowPx, type Window, xOf } from './timeline-draw.ts';

/** A trace as lanes over time: to be zoomed, dragged, pointed at and walked through by keyboard, with its lines below. */
export function timelineView(timeline: Timeline): HTMLElement {
  const { placed, heightPx } = placedLanes(timeline.lanes);
  const bars = timeline.lanes
    .flatMap((lane) => lane.bars.map((bar) => ({ lane, bar })))
    .sort((a, b) => a.bar.fromUs - b.bar.fromUs);
  const first = openingView(timeline);
  const view = { ...first };
  let selected: Bar | undefined;
  let wanted = 0;

  const canvas = h('canvas', {
    class: 'timeline',
    tabindex: 0,
    role: 'application',
    'aria-label':
      'Timeline: arrow keys move, plus and minus zoom, n and p go to the next and the previous bar, m to where the rule breaks, 0 shows all',
  });
  const said = h(
    'p',
    { class: 'readout', role: 'status', 'aria-live': 'polite' },
    'Point at a bar, or press n for the next one.',
  );
  const lines = rawLines(timeline.lines, new Set(timeline.moments.map(({ line }) => line)), showLine);
  const controls = h(
    'p',
    { class: 'line controls' },
    button('−', 'Zoom out', () => zoom(1.6)),
    button('+', 'Zoom in', () => zoom(1 / 1.6)),
    button('←', 'Earlier', () => pan(-0.3)),
    button('→', 'Later', () => pan(0.3)),
    button('All', 'The whole trace', () => go(0, timeline.endUs)),
    button('Steps', 'From the first step on', () => go(first.fromUs, first.toUs)),
    timeline.moments.length > 0 && button('✗ Rule broken', 'Where the rule breaks', toMoment),
  );
  canvas.addEventListener('keydown', onKey);
  canvas.addEventListener('wheel', onWheel, { passive: false });
  canvas.addEventListener('pointerdown', onDrag);
  canvas.addEventListener('pointermove', (event) => {
    const hit = at(event);
    if (event.buttons === 0 && hit) say(hit.bar, hit.lane.name);
  });
  new ResizeObserver(repaint).observe(canvas);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
  window.addEventListener('repaint', paint);
  canvas.style.height = `${heightPx}px`;

  return h(
    'div',
    {},
    controls,
    h('div', { class: 'canvas-frame' }, canvas),
    said,
    legend(),
    momentsView(timeline.moments),
    h(
      'details',
      { open: true },
      h('summary', {}, `${timeline.lines.length} lines of the trace`),
      lines.element,
    ),
  );

  function windowNow(): Window {
    const widthPx = canvas.clientWidth || 600;
    return { ...view, widthPx, gutterPx: widthPx < 500 ? 72 : 116 };
  }

  function repaint(): void {
    if (wanted === 0)
      wanted = requestAnimationFrame(() => {
        wanted = 0;
        paint();
      });
  }

  function paint(): void {
    const ratio = window.devicePixelRatio || 1;
    const now = windowNow();
    const style = getComputedStyle(canvas);
    canvas.width = Math.round(now.widthPx * ratio);
    canvas.height = Math.round(heightPx * ratio);
    const on = canvas.getContext('2d');
    if (!on) return;
    on.scale(ratio, ratio);
    drawTimeline(on, timeline, placed, now, (name) => style.getPropertyValue(name), selected);
  }

  function go(fromUs: number, toUs: number): void {
    const span = Math.min(timeline.endUs * 1.04 + 10, Math.max(leastSpanUs, toUs - fromUs));
    const from = Math.max(-span * 0.02, Math.min(fromUs, timeline.endUs - span * 0.98));
    Object.assign(view, { fromUs: from, toUs: from + span });
    repaint();
  }

  function zoom(by: number, aroundUs = (view.fromUs + view.toUs) / 2): void {
    go(aroundUs - (aroundUs - view.fromUs) * by, aroundUs + (view.toUs - aroundUs) * by);
  }

  function pan(by: number): void {
    const span = view.toUs - view.fromUs;
    go(view.fromUs + by * span, view.toUs + by * span);
  }

  function toMoment(): void {
    const [moment] = timeline.moments;
    if (!moment) return;
    const span = (view.toUs - view.fromUs) / 2;
    if (moment.us < view.fromUs || moment.us > view.toUs) go(moment.us - span, moment.us + span);
    lines.select(moment.line);
    said.textContent = `${moment.rule}: ${moment.words}`;
  }

  function say(bar: Bar, lane: string): void {
    const lasted = bar.toUs > bar.fromUs ? `, ${ms(bar.toUs - bar.fromUs)} long` : '';
    const open = bar.endLine === undefined && bar.tone === 'open' ? ', without an end' : '';
    said.textContent = `${lane}, ${ms(bar.fromUs)}${lasted}${open}: ${bar.text}`;
  }

  function select(place: number): void {
    const found = bars[Math.max(0, Math.min(bars.length - 1, place))];
    if (!found) return;
    selected = found.bar;
    say(found.bar, found.lane.name);
    lines.select(found.bar.line);
    if (found.bar.fromUs < view.fromUs || found.bar.fromUs > view.toUs)
      pan((found.bar.fromUs - (view.fromUs + view.toUs) / 2) / (view.toUs - view.fromUs));
    repaint();
  }

  function showLine(line: number): void {
    const place = bars.findIndex(({ bar }) => bar.line === line || bar.endLine === line);
    const us = timeline.lines[line]?.us ?? 0;
    selected = bars[place]?.bar;
    if (us < view.fromUs || us > view.toUs)
      pan((us - (view.fromUs + view.toUs) / 2) / (view.toUs - view.fromUs));
    repaint();
  }

  function at(event: PointerEvent | WheelEvent) {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const now = windowNow();
    const lane = placed.find(({ lane: { rows }, topPx }) => y >= topPx && y < topPx + rows * rowPx)?.lane;
    const top = placed.find((each) => each.lane === lane)?.topPx ?? axisPx;
    const row = Math.floor((y - top) / rowPx);
    const bar = lane?.bars.findLast(
      (each) =>
        each.row === row &&
        x >= xOf(each.fromUs, now) - 3 &&
        x <= Math.max(xOf(each.toUs, now), xOf(each.fromUs, now)) + 4,
    );
    return lane && bar ? { lane, bar } : undefined;
  }

  function onWheel(event: WheelEvent): void {
    // Without a key the page scrolls, as everywhere.
    if (!event.ctrlKey && !event.shiftKey) return;
    event.preventDefault();
    const now = windowNow();
    const x = event.clientX - canvas.getBoundingClientRect().left - now.gutterPx;
    const us = view.fromUs + (x / (now.widthPx - now.gutterPx)) * (view.toUs - view.fromUs);
    zoom(event.deltaY + event.deltaX > 0 ? 1.25 : 0.8, us);
  }

  function onDrag(down: PointerEvent): void {
    const from = { ...view };
    const now = windowNow();
    let moved = false;
    canvas.setPointerCapture(down.pointerId);
    const move = (event: PointerEvent): void => {
      if (Math.abs(event.clientX - down.clientX) > 3) moved = true;
      const us = ((down.clientX - event.clientX) / (now.widthPx - now.gutterPx)) * (from.toUs - from.fromUs);
      if (moved) go(from.fromUs + us, from.toUs + us);
    };
    const up = (event: PointerEvent): void => {
      canvas.removeEventListener('pointermove', move);
      const hit = moved ? undefined : at(event);
      if (hit) select(bars.findIndex(({ bar }) => bar === hit.bar));
    };
    canvas.addEventListener('pointermove', move);
    canvas.addEventListener('pointerup', up, { once: true });
  }

  function onKey(event: KeyboardEvent): void {
    const place = bars.findIndex(({ bar }) => bar === selected);
    const keys: Record<string, () => void> = {
      ArrowLeft: () => pan(-0.15),
      ArrowRight: () => pan(0.15),
      '+': () => zoom(1 / 1.6),
      '=': () => zoom(1 / 1.6),
      '-': () => zoom(1.6),
      '0': () => go(0, timeline.endUs),
      n: () => select(place === -1 ? bars.findIndex(({ bar }) => bar.fromUs >= view.fromUs) : place + 1),
      p: () => select(place - 1),
      m: toMoment,
    };
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}

/** The first few in sight: a run that went wrong early breaks many rules. */
function momentsView(moments: Timeline['moments']): HTMLElement {
  const said = moments.map(({ rule, words, us }) =>
    h('p', { class: 'moment' }, h('b', {}, `✗ ${rule}`), ` at ${ms(us)}: ${words}`),
  );
  const rest = said.slice(momentsShown);
  return h(
    'div',
    {},
    ...said.slice(0, momentsShown),
    rest.length > 0 && h('details', {}, h('summary', {}, `${rest.length} more`), ...rest),
  );
}

const momentsShown = 6;

/** The steps, up to where the rule breaks or the settling begins; set-up and teardown are seldom asked for. */
function openingView({ phases, moments, endUs }: Timeline): { fromUs: number; toUs: number } {
  const steps = phases.find(({ name }) => name === 'steps')?.fromUs ?? 0;
  const settled = phases.find(({ name, fromUs }) => name === 'teardown' && fromUs >= steps)?.fromUs ?? endUs;
  // What images hold is read long after; the edge says that it is there.
  const after = phases.find(({ name }) => name === 'after')?.fromUs ?? endUs;
  const last = Math.max(settled, ...moments.map(({ us }) => us).filter((us) => us <= after));
  const span = Math.max(leastSpanUs, last - steps);
  return { fromUs: steps - span * 0.02, toUs: steps + span * 1.04 };
}

const leastSpanUs = 20;

/** What is read aloud holds what is seen. */
const button = (text: string, about: string, act: () => void): HTMLElement =>
  h(
    'button',
    {
      type: 'button',
      title: about,
      'aria-label': /\w/.test(text) ? `${text}: ${about}` : about,
      onclick: act,
    },
    text,
  );

function legend(): HTMLElement {
  const words: [string, string][] = [
    ['ok', 'accepted'],
    ['own', "mirrorfuzz' own"],
    ['error', 'refused, failed'],
    ['open', 'without an end'],
    ['event', 'event'],
    ['job-running', 'running'],
    ['job-ready', 'ready'],
    ['job-paused', 'paused, standby'],
    ['job-concluded', 'concluded'],
    ['job-between', 'other statuses'],
  ];
  return h(
    'p',
    { class: 'legend' },
    ...words.map(([tone, text]) => h('span', {}, h('i', { class: `swatch ${tone}` }), text)),
    h(
      'span',
      { class: 'muted' },
      'Ctrl or Shift with the wheel zooms. The full part of a command is when its handler may have run.',
    ),
  );
}
