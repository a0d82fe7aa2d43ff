import type { Timeline } from '../model.ts';
import { h } from './dom.ts';
import { grouped, ms } from './numbers.ts';
import { leastSpanUs, type TimeView, timeView } from './time-view.ts';
import { timelinePart } from './timeline-part.ts';

/** A trace as lanes over time: to be zoomed, dragged, pointed at and walked through by keyboard, with its lines below. */
export function timelineView(timeline: Timeline): HTMLElement {
  const first = openingView(timeline);
  const view = timeView(timeline.endUs, first);
  const said = readout();
  const part = timelinePart(timeline, {
    name: 'Timeline',
    view,
    say: (words) => {
      said.textContent = words;
    },
  });
  return h(
    'div',
    {},
    timeControls(view, timeline.endUs, first, [
      timeline.moments.length > 0 &&
        controlButton('✗ Rule broken', 'Where the rule breaks', () => part.toMoment()),
    ]),
    part.element,
    said,
    legend(),
    momentsView(timeline.moments),
    h(
      'details',
      { class: 'trace-lines', open: true },
      h('summary', {}, `${grouped(timeline.lines.length)} lines of the trace`),
      part.lines,
    ),
  );
}

export const readout = (): HTMLElement =>
  h(
    'p',
    { class: 'readout', role: 'status', 'aria-live': 'polite' },
    'Point at a bar, or press n for the next one.',
  );

export const timeControls = (
  view: TimeView,
  endUs: number,
  first: { fromUs: number; toUs: number },
  more: (HTMLElement | false)[],
): HTMLElement =>
  h(
    'p',
    { class: 'line controls' },
    controlButton('−', 'Zoom out', () => view.zoom(1.6)),
    controlButton('+', 'Zoom in', () => view.zoom(1 / 1.6)),
    controlButton('←', 'Earlier', () => view.pan(-0.3)),
    controlButton('→', 'Later', () => view.pan(0.3)),
    controlButton('All', 'The whole trace', () => view.go(0, endUs)),
    controlButton('Steps', 'From the first step on', () => view.go(first.fromUs, first.toUs)),
    ...more,
  );

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
export function openingView({ phases, moments, endUs }: Timeline): { fromUs: number; toUs: number } {
  const steps = phases.find(({ name }) => name === 'steps')?.fromUs ?? 0;
  const settled = phases.find(({ name, fromUs }) => name === 'teardown' && fromUs >= steps)?.fromUs ?? endUs;
  // What images hold is read long after; the edge says that it is there.
  const after = phases.find(({ name }) => name === 'after')?.fromUs ?? endUs;
  const last = Math.max(settled, ...moments.map(({ us }) => us).filter((us) => us <= after));
  const span = Math.max(leastSpanUs, last - steps);
  return { fromUs: steps - span * 0.02, toUs: steps + span * 1.04 };
}

/** What is read aloud holds what is seen. */
export const controlButton = (text: string, about: string, act: () => void): HTMLElement =>
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

export function legend(): HTMLElement {
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
