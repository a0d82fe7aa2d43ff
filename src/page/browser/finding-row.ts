import type { AffectedCell, FindingHead } from '../model.ts';
import { h } from './dom.ts';
import { outcomeMarks, outcomeWords } from './outcomes.ts';

/** A finding in a list: what it costs and who can cause it, its title, and where it shows. */
export function findingRow(finding: FindingHead): HTMLElement {
  const { id, title, impact, impactWords, reachWords, status, steps, reproduced, affected, note } = finding;
  return h(
    'div',
    { class: 'finding', role: 'listitem' },
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
      h('span', { class: `status-${status}` }, status),
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
        { class: `dot ${worst}`, role: 'img', 'aria-label': `${version} ${outcomeWords[worst]}` },
        `${outcomeMarks[worst]} ${version}`,
      );
    }),
  );
}
