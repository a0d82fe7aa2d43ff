import type { ComparisonHead, SideBySide } from '../model.ts';
import { readDetail } from './data.ts';
import { h } from './dom.ts';
import { grouped } from './numbers.ts';
import { framedTable } from './tables.ts';
import { timeView } from './time-view.ts';
import { timelinePart } from './timeline-part.ts';
import { controlButton, legend, openingView, readout, timeControls } from './timeline-view.ts';

/** What went otherwise on which QEMU; opened, the runs side by side. */
export function comparisonList(comparisons: readonly ComparisonHead[]): HTMLElement {
  return h('ul', { class: 'findings' }, ...comparisons.map(comparisonRow));
}

function comparisonRow({ title, subject, rows, detail }: ComparisonHead): HTMLElement {
  const body = h('div', {}, h('p', { class: 'muted' }, 'Unpacking…'));
  let isMade = false;
  const make = (): void => {
    if (isMade || detail === undefined) return;
    isMade = true;
    void readDetail(detail).then(({ sideBySide, notes }) =>
      body.replaceChildren(
        ...notes.map((note) => h('p', { class: 'note' }, note)),
        ...(sideBySide ? [comparisonView(sideBySide)] : []),
      ),
    );
  };
  return h(
    'li',
    { class: 'comparison' },
    h('p', { class: 'subject' }, subject),
    h('dl', { class: 'facts' }, ...rows.flatMap(({ on, value }) => [h('dt', {}, on), h('dd', {}, value)])),
    h('p', { class: 'muted' }, title),
    detail === undefined
      ? h('p', { class: 'muted' }, 'No traces of it were kept.')
      : h('details', { ontoggle: make }, h('summary', {}, 'Side by side'), body),
  );
}

/** The same sequence on several QEMUs: one time for all, each step beginning at the same place, what differs marked. */
export function comparisonView({ runs, differences }: SideBySide): HTMLElement {
  const endUs = Math.max(...runs.map(({ timeline }) => timeline.endUs));
  const openings = runs.map(({ timeline }) => openingView(timeline));
  const first = {
    fromUs: Math.min(...openings.map(({ fromUs }) => fromUs)),
    toUs: Math.max(...openings.map(({ toUs }) => toUs)),
  };
  const view = timeView(endUs, first);
  const said = readout();
  const parts = runs.map(({ on, timeline }) => ({
    on,
    timeline,
    part: timelinePart(timeline, {
      name: `Timeline of ${on}`,
      view,
      say: (words) => {
        said.textContent = `${on}: ${words}`;
      },
    }),
  }));
  return h(
    'div',
    { class: 'side-by-side' },
    differences.length > 0 &&
      framedTable(
        'What differs',
        ['step', 'what', ...runs.map(({ on }) => on)],
        differences.map(({ subject, step, values }) =>
          h(
            'tr',
            {},
            h('td', { class: 'number' }, step === undefined ? '' : `${step}`),
            h('th', { scope: 'row' }, subject),
            ...values.map((value) => h('td', {}, value)),
          ),
        ),
      ),
    timeControls(view, endUs, first, [
      differences.length > 0 &&
        controlButton('≠ Difference', 'Where they differ first', () => {
          for (const { part } of parts) part.toMoment();
        }),
    ]),
    h(
      'p',
      { class: 'muted' },
      'Each step begins at the same place in all; the empty space is where one waited for the other. Nothing is stretched.',
    ),
    ...parts.flatMap(({ on, part }) => [h('h3', {}, on), part.element]),
    said,
    legend(),
    ...parts.map(({ on, timeline, part }) =>
      h(
        'details',
        {},
        h('summary', {}, `${grouped(timeline.lines.length)} lines of the trace of ${on}`),
        part.lines,
      ),
    ),
  );
}
