import type { AffectedCell, FindingHead } from '../model.ts';
import { h } from './dom.ts';

/** Findings in the order given, with a search and filters that say how many they leave. */
export function findingList(findings: readonly FindingHead[]): HTMLElement {
  if (findings.length === 0) return h('p', { class: 'empty' }, 'Nothing was found.');
  const rows = findings.map((finding) => ({ finding, row: rowOf(finding), text: textOf(finding) }));
  const said = h('p', { class: 'muted count', role: 'status' });
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
    h('ul', { class: 'findings' }, ...rows.map(({ row }) => row)),
  );

  function filter(): void {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { finding, row, text } of rows) {
      const isMeant =
        wanted.every((word) => text.includes(word)) &&
        filters.every(({ field, select }) => select.value === '' || select.value === finding[field]);
      row.hidden = !isMeant;
      if (isMeant) shown++;
    }
    said.textContent = shown === rows.length ? `${shown} shown` : `${shown} of ${rows.length} shown`;
  }
}

const textOf = ({ id, title, rule, status, impactWords, reachWords, affected }: FindingHead): string =>
  [
    id,
    title,
    rule,
    status,
    impactWords,
    reachWords,
    ...affected.flatMap(({ version, label }) => [version, label]),
  ]
    .join(' ')
    .toLowerCase();

function selectOf(
  field: 'impact' | 'reach' | 'status',
  findings: readonly FindingHead[],
  onchange: () => void,
): HTMLSelectElement {
  const values = [...new Set(findings.map((finding) => finding[field]))];
  const count = (value: string): number => findings.filter((finding) => finding[field] === value).length;
  return h(
    'select',
    { name: field, onchange },
    h('option', { value: '' }, 'any'),
    ...values.map((value) => h('option', { value }, `${value} (${count(value)})`)),
  );
}

function rowOf(finding: FindingHead): HTMLLIElement {
  const { id, title, impact, impactWords, reachWords, status, steps, reproduced, affected, note } = finding;
  return h(
    'li',
    { class: 'finding' },
    h(
      'div',
      { class: 'line' },
      h('span', { class: `badge impact-${impact}` }, impactWords),
      h('span', { class: 'muted' }, reachWords),
    ),
    h('a', { class: 'title', href: `#finding-${id}` }, title),
    h(
      'div',
      { class: 'line muted' },
      h('code', {}, id),
      h('span', {}, status),
      h('span', {}, `${steps} step${steps === 1 ? '' : 's'}`),
      h('span', {}, `shows ${reproduced.ok}/${reproduced.of}`),
      dots(affected),
    ),
    note !== undefined && h('p', { class: 'muted' }, note),
  );
}

/** The affected versions in one line: a mark for each, and the words for those who do not see it. */
function dots(affected: readonly AffectedCell[]): HTMLElement | undefined {
  const versions = [...new Set(affected.map(({ version }) => version))];
  if (versions.length === 0) return undefined;
  return h(
    'span',
    { class: 'dots' },
    ...versions.map((version) => {
      const cells = affected.filter((cell) => cell.version === version);
      const worst =
        (['shows', 'fails-otherwise', 'does-not-show', 'lacks'] as const).find((is) =>
          cells.some(({ outcome }) => outcome === is),
        ) ?? 'lacks';
      return h(
        'span',
        { class: `dot ${worst}` },
        `${outcomeMarks[worst]} ${version}`,
        h('span', { class: 'offscreen' }, ` ${outcomeWords[worst]}`),
      );
    }),
  );
}

export const outcomeMarks = { shows: '●', 'fails-otherwise': '◐', 'does-not-show': '○', lacks: '–' };
export const outcomeWords = {
  shows: 'shows',
  'fails-otherwise': 'fails otherwise',
  'does-not-show': 'does not show',
  lacks: 'can not tell',
};
