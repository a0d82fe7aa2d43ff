import type { Detail } from '../model.ts';
import { copyButton } from './copy.ts';
import { diskMapView } from './disk-map-view.ts';
import { h } from './dom.ts';
import { ablationTable } from './tables.ts';
import { timelineView } from './timeline-view.ts';

/** What happened, in the order of a reader's questions: what broke, what was done, when, where on the disk, why, how to see it. */
export function detailView(detail: Detail): HTMLElement {
  const { statement, source, seen, before, done, timeline, map, ablation, stacks, texts, notes } = detail;
  return h(
    'div',
    { class: 'detail' },
    seen.length > 0 &&
      h('section', { class: 'seen' }, h('h2', {}, 'Seen'), ...seen.map((line) => h('p', {}, line))),
    statement !== undefined &&
      h('section', {}, h('h2', {}, 'Expected'), h('p', {}, statement), h('p', { class: 'muted' }, source)),
    ...notes.map((note) => h('p', { class: 'note' }, note)),
    done.length > 0 &&
      h(
        'section',
        {},
        h('h2', {}, 'What was done'),
        h('ol', { class: 'done' }, ...done.map((line) => h('li', {}, line))),
        before.length > 0 && h('p', { class: 'muted' }, 'Before the first step:'),
        before.length > 0 && h('ul', { class: 'done' }, ...before.map((line) => h('li', {}, line))),
      ),
    timeline && h('section', {}, h('h2', {}, 'Timeline'), timelineView(timeline)),
    map && h('section', {}, h('h2', {}, 'Map of the disk'), diskMapView(map)),
    ablation && h('section', {}, h('h2', {}, 'What is decisive'), ablationTable(ablation)),
    stacks.length > 0 &&
      h(
        'section',
        {},
        h('h2', {}, 'Stacks'),
        ...stacks.map(({ head, lines }) =>
          h('details', { open: true }, h('summary', {}, head), pre(lines.join('\n'), `Stack by ${head}`)),
        ),
      ),
    texts.length > 0 &&
      h(
        'section',
        {},
        h('h2', {}, 'To reproduce'),
        ...texts.map(({ name, about, text }) =>
          h(
            'details',
            {},
            h('summary', {}, h('b', {}, name), h('span', { class: 'muted' }, ` ${about} `)),
            copyButton(name, text),
            pre(text, name),
          ),
        ),
        h('p', { class: 'line' }, ...texts.map(({ name, text }) => copyButton(name, text))),
      ),
  );
}

/** Wide text scrolls by itself, also by keyboard. */
const pre = (text: string, name: string): HTMLElement =>
  h('pre', { tabindex: 0, role: 'region', 'aria-label': name }, text);
