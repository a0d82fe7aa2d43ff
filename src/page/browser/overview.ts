import type { Page } from '../model.ts';
import { verdictMarks } from '../verdict-marks.ts';
import { argumentsView } from './arguments-view.ts';
import { comparisonList } from './comparison-view.ts';
import { readDetail } from './data.ts';
import { detailView } from './detail-view.ts';
import { h } from './dom.ts';
import { exercisedView } from './exercised-view.ts';
import { findingList } from './finding-list.ts';
import { historyView } from './history-view.ts';
import { rulesView } from './rules-view.ts';
import { itemsView } from './tables.ts';

/** A source at a glance: the verdict, then what was found, then what was exercised, then how it was run. */
export function overview(page: Page): HTMLElement {
  const { verdict, facts, findings, items, comparisons, coverage, rules, notes, trace } = page;
  const { byVersion = [] } = page;
  return h(
    'div',
    { class: 'overview' },
    h(
      'section',
      { class: `verdict ${verdict.is}` },
      h(
        'h1',
        {},
        h('span', { class: 'mark', 'aria-hidden': 'true' }, verdictMarks[verdict.is]),
        ' ',
        verdict.words,
      ),
      h('p', { class: 'muted' }, page.title),
      ...verdict.why.map((line) => h('p', {}, line)),
    ),
    trace && traceSection(trace),
    comparisons &&
      h(
        'section',
        {},
        h('h2', {}, items ? 'What fails' : 'Differences'),
        comparisons.length > 0
          ? comparisonList(comparisons)
          : h('p', { class: 'empty' }, 'No difference that no rule explains.'),
      ),
    (findings.length > 0 || !(trace || comparisons)) &&
      h(
        'section',
        { 'aria-label': 'Findings' },
        h('h2', {}, 'Findings'),
        items &&
          findings.length > 0 &&
          h('p', { class: 'muted' }, 'All that was met. What is known fails nothing.'),
        findingList(findings),
      ),
    items && items.length > 0 && h('section', {}, h('h2', {}, 'Items'), itemsView(items)),
    page.history && h('section', {}, h('h2', {}, 'Over time'), historyView(page.history)),
    coverage && h('section', {}, h('h2', {}, 'Job commands by job status'), exercisedView(coverage, page)),
    page.values &&
      page.values.length > 0 &&
      h('section', {}, h('h2', {}, 'Arguments of commands'), argumentsView(page.values, byVersion)),
    rules && h('section', {}, h('h2', {}, 'Rules'), rulesView(rules, byVersion)),
    h(
      'section',
      {},
      h('h2', {}, 'How it was run'),
      h(
        'dl',
        { class: 'facts' },
        ...facts.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
      ),
    ),
    notes.length > 0 &&
      h('section', {}, h('h2', {}, 'Notes'), h('ul', {}, ...notes.map((note) => h('li', {}, note)))),
  );
}

function traceSection({ title, detail }: NonNullable<Page['trace']>): HTMLElement {
  const section = h('section', {}, h('h2', {}, title), h('p', { class: 'muted' }, 'Unpacking…'));
  void readDetail(detail).then((read) => section.replaceChildren(h('h2', {}, title), detailView(read)));
  return section;
}
