import type { FindingHead } from '../model.ts';
import { h } from './dom.ts';
import { findingRow } from './finding-row.ts';
import { whenIdle } from './idle.ts';
import { outcomeMarks, outcomeWords } from './outcomes.ts';
import { inPieces } from './pieces.ts';

/** Findings in the order given, with a search and filters that say how many they leave. */
export const findingList = (findings: readonly FindingHead[]): HTMLElement =>
  openFindingList('Nothing was found.', findings).element;

export type FindingList = {
  element: HTMLElement;
  /** Others, or in another order: what has not changed stays as it is, and so do search and filters. `fresh`: ids to be marked. */
  show(findings: readonly FindingHead[], fresh?: ReadonlySet<string>): void;
};

/** `empty`: what stands there while there are none. */
export function openFindingList(empty: string, first: readonly FindingHead[] = []): FindingList {
  let entries = new Map<string, Entry>();
  let marked: ReadonlySet<string> = new Set();
  let isDue = false;
  const said = h('p', { class: 'muted count', role: 'status' });
  const list = h('div', { class: 'findings', role: 'list' });
  const rows = inPieces(list, (entry: Entry) => {
    entry.row ??= findingRow(entry.finding);
    entry.row.classList.toggle('fresh', marked.has(entry.finding.id));
    return entry.row;
  });
  const search = h('input', {
    type: 'search',
    id: 'search',
    placeholder: 'title, id, rule, version',
    oninput: soon,
  });
  const filters = (['impact', 'reach', 'status'] as const).map((field) => ({
    field,
    select: h('select', { name: field, onchange: soon }),
  }));
  const nothing = h('p', { class: 'empty' }, empty);
  const noMatch = h(
    'p',
    { class: 'empty', hidden: true },
    'No finding matches. ',
    h('button', { type: 'button', onclick: clear }, 'Show all'),
  );
  const some = h(
    'div',
    {},
    h(
      'form',
      { class: 'filters', role: 'search', onsubmit: (event) => event.preventDefault() },
      h('label', { class: 'grow' }, 'Search', search),
      ...filters.map(({ field, select }) => h('label', {}, field[0]?.toUpperCase() + field.slice(1), select)),
    ),
    h('div', { class: 'line counted' }, said, marksLegend()),
    noMatch,
    list,
  );
  const element = h('div', {}, nothing, some);
  show(first);
  return { element, show };

  function show(findings: readonly FindingHead[], fresh: ReadonlySet<string> = new Set()): void {
    nothing.hidden = findings.length > 0;
    some.hidden = findings.length === 0;
    marked = fresh;
    const before = entries;
    entries = new Map(
      findings.map((finding) => {
        const known = before.get(finding.id);
        return [finding.id, known?.finding === finding ? known : { finding }];
      }),
    );
    for (const { field, select } of filters) offer(select, field, findings);
    filter(before.size > 0);
    prepareSearch(entries);
  }

  /** What is typed or chosen is seen first, and the list follows: who types on waits for nothing. */
  function soon(): void {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() =>
      setTimeout(() => {
        isDue = false;
        filter();
      }),
    );
  }

  function filter(isUpdate = false): void {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = filters.filter(({ select }) => select.value !== '');
    const meant = [...entries.values()].filter(
      (entry) =>
        words.every((word) => searched(entry).includes(word)) &&
        chosen.every(({ field, select }) => select.value === entry.finding[field]),
    );
    // First, while the page stands still: it looks how many rows are in sight.
    if (isUpdate) rows.update(meant);
    else rows.show(meant);
    said.textContent =
      meant.length === entries.size ? `${meant.length} shown` : `${meant.length} of ${entries.size} shown`;
    noMatch.hidden = meant.length > 0;
    list.hidden = meant.length === 0;
  }

  function clear(): void {
    search.value = '';
    for (const { select } of filters) select.value = '';
    filter();
    search.focus();
  }
}

/** What the marks before versions mean. */
const marksLegend = (): HTMLElement =>
  h(
    'p',
    { class: 'marks muted' },
    ...(['shows', 'fails-otherwise', 'does-not-show', 'lacks'] as const).map((is) =>
      h(
        'span',
        {},
        h('b', { class: `dot ${is}`, 'aria-hidden': 'true' }, outcomeMarks[is]),
        outcomeWords[is],
      ),
    ),
  );

/** So that the first letter of a search waits for no text of hundreds of findings. */
function prepareSearch(entries: ReadonlyMap<string, Entry>): void {
  const left = entries.values();
  whenIdle(0, function go(isOver) {
    for (const entry of left) {
      searched(entry);
      if (isOver()) return whenIdle(0, go);
    }
  });
}

/** A finding; its row and what is searched of it, made in idle time or once they are needed. */
type Entry = { finding: FindingHead; text?: string; row?: HTMLElement };

function textOf(finding: FindingHead): string {
  const { id, title, rule, status, impactWords, reachWords, affected } = finding;
  const versions = affected.flatMap(({ version, label }) => [version, label]);
  return [id, title, rule, status, impactWords, reachWords, ...versions].join(' ').toLowerCase();
}

const searched = (entry: Entry): string => {
  entry.text ??= textOf(entry.finding);
  return entry.text;
};

/** What there is to choose from, with how many there are of each; what was chosen stays. */
function offer(
  select: HTMLSelectElement,
  field: 'impact' | 'reach' | 'status',
  findings: readonly FindingHead[],
): void {
  const chosen = select.value;
  const counts = new Map<string, number>(chosen === '' ? [] : [[chosen, 0]]);
  for (const finding of findings) counts.set(finding[field], (counts.get(finding[field]) ?? 0) + 1);
  select.replaceChildren(
    h('option', { value: '' }, 'any'),
    ...[...counts].map(([value, count]) => h('option', { value }, `${value} (${count})`)),
  );
  select.value = chosen;
}
