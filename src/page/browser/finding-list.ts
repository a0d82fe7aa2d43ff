import type { FindingHead } from '../model.ts';
import { h } from './dom.ts';
import { findingRow } from './finding-row.ts';
import { inPieces } from './pieces.ts';

/** Findings in the order given, with a search and filters that say how many they leave. */
export function findingList(findings: readonly FindingHead[]): HTMLElement {
  if (findings.length === 0) return h('p', { class: 'empty' }, 'Nothing was found.');
  const entries = findings.map(entryOf);
  const said = h('p', { class: 'muted count', role: 'status' });
  const list = h('ul', { class: 'findings' });
  const rows = inPieces(list, (entry: Entry) => {
    entry.row ??= findingRow(entry.finding);
    return entry.row;
  });
  const search = h('input', {
    type: 'search',
    id: 'search',
    placeholder: 'title, id, rule, version',
    oninput: filter,
  });
  const filters = (['impact', 'reach', 'status'] as const).map((field) => ({
    field,
    select: selectOf(field, findings, filter),
  }));
  filter();
  return h(
    'div',
    {},
    h(
      'form',
      { class: 'filters', role: 'search', onsubmit: (event) => event.preventDefault() },
      h('label', { class: 'grow' }, 'Search', search),
      ...filters.map(({ field, select }) => h('label', {}, field[0]?.toUpperCase() + field.slice(1), select)),
    ),
    said,
    list,
  );

  function filter(): void {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = filters.filter(({ select }) => select.value !== '');
    const meant = entries.filter(
      ({ finding, text }) =>
        words.every((word) => text.includes(word)) &&
        chosen.every(({ field, select }) => select.value === finding[field]),
    );
    said.textContent =
      meant.length === entries.length
        ? `${meant.length} shown`
        : `${meant.length} of ${entries.length} shown`;
    rows.show(meant);
  }
}

/** A finding, what is searched of it, and its row once that was in sight. */
type Entry = { finding: FindingHead; text: string; row?: HTMLLIElement };

function entryOf(finding: FindingHead): Entry {
  const { id, title, rule, status, impactWords, reachWords, affected } = finding;
  const versions = affected.flatMap(({ version, label }) => [version, label]);
  const text = [id, title, rule, status, impactWords, reachWords, ...versions].join(' ').toLowerCase();
  return { finding, text };
}

function selectOf(
  field: 'impact' | 'reach' | 'status',
  findings: readonly FindingHead[],
  onchange: () => void,
): HTMLSelectElement {
  const counts = new Map<string, number>();
  for (const finding of findings) counts.set(finding[field], (counts.get(finding[field]) ?? 0) + 1);
  return h(
    'select',
    { name: field, onchange },
    h('option', { value: '' }, 'any'),
    ...[...counts].map(([value, count]) => h('option', { value }, `${value} (${count})`)),
  );
}
