import type { Bar, Lane, Timeline } from '../model.ts';
import { h } from './dom.ts';
import { ms } from './numbers.ts';
import { rawLines } from './raw-lines.ts';
import type { TimeView } from './time-view.ts';
import { drawTimeline } from './timeline-draw.ts';
import { barAt, boxOf, placedLanes, type Window } from './timeline-places.ts';

type Place = { lane: Lane; bar: Bar };

/** One trace's lanes, to be dragged, pointed at and walked through by keyboard, and its lines. What is to be said goes to `say`. */
export function timelinePart(
  timeline: Timeline,
  { name, view, say }: { name: string; view: TimeView; say(words: string): void },
) {
  const { placed, heightPx } = placedLanes(timeline.lanes);
  const places: Place[] = timeline.lanes
    .flatMap((lane) => lane.bars.map((bar) => ({ lane, bar })))
    .sort((a, b) => a.bar.fromUs - b.bar.fromUs);
  let selected = -1;
  let frame = 0;
  let timer = 0;

  const canvas = h('canvas', {
    class: 'timeline',
    tabindex: 0,
    role: 'application',
    'aria-label': `${name}: arrow keys move, plus and minus zoom, n and p go to the next and the previous bar, m to what is marked, 0 shows all`,
  });
  /** Above the picture: who goes from bar to bar waits for no other picture. */
  const mark = h('div', { class: 'selected-bar', hidden: true });
  const lines = rawLines(timeline.lines, new Set(timeline.moments.map(({ line }) => line)), (line) => {
    selected = places.findIndex(({ bar }) => bar.line === line || bar.endLine === line);
    view.reveal(places[selected]?.bar.fromUs ?? timeline.lines[line]?.us ?? 0);
    markSelected();
  });
  canvas.addEventListener('keydown', onKey);
  canvas.addEventListener('wheel', onWheel, { passive: false });
  canvas.addEventListener('pointerdown', onDrag);
  canvas.addEventListener('pointermove', (event) => {
    const hit = event.buttons === 0 ? at(event) : undefined;
    if (hit) sayBar(hit);
  });
  view.listen(repaint);
  new ResizeObserver(repaint).observe(canvas);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
  window.addEventListener('repaint', paint);
  canvas.style.height = `${heightPx}px`;
  const element = h('div', { class: 'canvas-frame' }, h('div', { class: 'picture' }, canvas, mark));
  return { element, lines: lines.element, toMoment };

  function windowNow(): Window {
    const widthPx = canvas.clientWidth || 600;
    const { fromUs, toUs } = view;
    return { fromUs, toUs, widthPx, gutterPx: widthPx < 500 ? 72 : 116 };
  }

  function repaint(): void {
    if (frame === 0)
      frame = requestAnimationFrame(() => {
        frame = 0;
        paint();
      });
  }

  function paint(): void {
    const ratio = window.devicePixelRatio || 1;
    const now = windowNow();
    const [width, height] = [Math.round(now.widthPx * ratio), Math.round(heightPx * ratio)];
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const on = canvas.getContext('2d');
    if (!on) return;
    on.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawTimeline(on, timeline, placed, now, palette(canvas));
    markSelected();
  }

  function markSelected(): void {
    const place = places[selected];
    const box = place && boxOf(placed, windowNow(), place);
    mark.hidden = !box;
    if (!box) return;
    mark.style.transform = `translate(${box.x}px, ${box.y}px)`;
    mark.style.width = `${box.widthPx}px`;
    mark.style.height = `${box.heightPx}px`;
  }

  function toMoment(number = 0): void {
    const moment = timeline.moments[number];
    if (!moment) return;
    view.reveal(moment.us);
    say(`${moment.rule}: ${moment.words}`);
    showLine(moment.line);
  }

  /** After the picture: who holds a key sees the bars move, and the line of the one they stop at. */
  function showLine(line: number): void {
    clearTimeout(timer);
    timer = window.setTimeout(() => lines.select(line), 50);
  }

  /** Times are those of the trace, also where the picture is moved to stand beside another. */
  function sayBar({ bar, lane }: Place): void {
    const begunUs = timeline.lines[bar.line]?.us ?? bar.fromUs;
    const endedUs = bar.endLine === undefined ? undefined : timeline.lines[bar.endLine]?.us;
    const lastedUs = endedUs === undefined ? bar.toUs - bar.fromUs : endedUs - begunUs;
    const lasted = lastedUs > 0 ? `, ${ms(lastedUs)} long` : '';
    const open = bar.endLine === undefined && bar.tone === 'open' ? ', without an end' : '';
    say(`${lane.name}, ${ms(begunUs)}${lasted}${open}: ${bar.text}`);
  }

  function select(place: number): void {
    const wanted = Math.max(0, Math.min(places.length - 1, place));
    const found = places[wanted];
    if (!found) return;
    selected = wanted;
    sayBar(found);
    view.reveal(found.bar.fromUs);
    markSelected();
    showLine(found.bar.line);
  }

  function at(event: PointerEvent): Place | undefined {
    const box = canvas.getBoundingClientRect();
    return barAt(placed, windowNow(), event.clientX - box.left, event.clientY - box.top);
  }

  function onWheel(event: WheelEvent): void {
    // Without a key the page scrolls, as everywhere.
    if (!event.ctrlKey && !event.shiftKey) return;
    event.preventDefault();
    const now = windowNow();
    const x = event.clientX - canvas.getBoundingClientRect().left - now.gutterPx;
    const us = view.fromUs + (x / (now.widthPx - now.gutterPx)) * (view.toUs - view.fromUs);
    view.zoom(event.deltaY + event.deltaX > 0 ? 1.25 : 0.8, us);
  }

  function onDrag(down: PointerEvent): void {
    const { fromUs, toUs } = view;
    const now = windowNow();
    let moved = false;
    canvas.setPointerCapture(down.pointerId);
    const move = (event: PointerEvent): void => {
      if (Math.abs(event.clientX - down.clientX) > 3) moved = true;
      const us = ((down.clientX - event.clientX) / (now.widthPx - now.gutterPx)) * (toUs - fromUs);
      if (moved) view.go(fromUs + us, toUs + us);
    };
    const up = (event: PointerEvent): void => {
      canvas.removeEventListener('pointermove', move);
      const hit = moved ? undefined : at(event);
      if (hit) select(places.findIndex(({ bar }) => bar === hit.bar));
    };
    canvas.addEventListener('pointermove', move);
    canvas.addEventListener('pointerup', up, { once: true });
  }

  function onKey(event: KeyboardEvent): void {
    const keys: Record<string, () => void> = {
      ArrowLeft: () => view.pan(-0.15),
      ArrowRight: () => view.pan(0.15),
      '+': () => view.zoom(1 / 1.6),
      '=': () => view.zoom(1 / 1.6),
      '-': () => view.zoom(1.6),
      '0': () => view.go(0, timeline.endUs),
      n: () =>
        select(selected === -1 ? places.findIndex(({ bar }) => bar.fromUs >= view.fromUs) : selected + 1),
      p: () => select(selected - 1),
      m: () => toMoment(),
    };
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}

/** The style's colours as they are now, each looked up once: a picture asks for them thousands of times. */
function palette(canvas: HTMLElement): (name: string) => string {
  const style = getComputedStyle(canvas);
  const known = new Map<string, string>();
  return (name) => {
    const colour = known.get(name) ?? style.getPropertyValue(name);
    known.set(name, colour);
    return colour;
  };
}
