import type { AffectedCell, Detail, ItemRow } from '../model.ts';
import { h } from './dom.ts';
import { outcomeMarks } from './outcomes.ts';

/** Wide tables scroll in a frame of their own, also by keyboard. */
const framed = (name: string, table: HTMLElement): HTMLElement =>
  h('div', { class: 'frame', tabindex: 0, role: 'region', 'aria-label': name }, table);

export const framedTable = (
  name: string,
  heads: readonly string[],
  rows: readonly HTMLElement[],
): HTMLElement =>
  framed(
    name,
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, ...heads.map((each) => h('th', { scope: 'col' }, each)))),
      h('tbody', {}, ...rows),
    ),
  );

/** A column a version, a row a program. */
export function affectedGrid(affected: readonly AffectedCell[]): HTMLElement {
  const versions = [...new Set(affected.map(({ version }) => version))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const flavours = [...new Set(affected.map(({ flavour }) => flavour))];
  const cell = (version: string, flavour: string): HTMLElement => {
    const found = affected.find((each) => each.version === version && each.flavour === flavour);
    return found
      ? h('td', { class: `outcome ${found.outcome}` }, `${outcomeMarks[found.outcome]} ${found.words}`)
      : h('td', { class: 'muted' }, 'not tried');
  };
  return framedTable(
    'Affected versions',
    ['program', ...versions],
    flavours.map((flavour) =>
      h(
        'tr',
        {},
        h('th', { scope: 'row' }, flavour || 'any'),
        ...versions.map((version) => cell(version, flavour)),
      ),
    ),
  );
}

export function ablationTable({ about, rows }: NonNullable<Detail['ablation']>): HTMLElement {
  return h(
    'div',
    {},
    h('p', { class: 'muted' }, about),
    framedTable(
      'Ablation',
      ['with this change', 'it shows', ''],
      rows.map(({ what, shows, verdict }) =>
        h(
          'tr',
          { class: verdict.startsWith('decisive') ? 'decisive' : '' },
          h('td', {}, what),
          h('td', {}, shows),
          h('td', {}, verdict),
        ),
      ),
    ),
  );
}

export const itemsTable = (items: readonly ItemRow[]): HTMLElement =>
  framedTable(
    'Items',
    ['item', 'verdict', 'QEMU', 'ok', 'reason'],
    [...items]
      .sort((a, b) => weight(a) - weight(b))
      .map((item) =>
        h(
          'tr',
          { class: `item-${item.verdict}` },
          h('th', { scope: 'row' }, item.name),
          h('td', {}, item.verdict),
          h('td', {}, item.qemu),
          h('td', { class: 'number' }, `${item.ok}/${item.of}`),
          h('td', {}, item.reason),
        ),
      ),
  );

const order = ['fail', 'flaky', 'unknown', 'known', 'skipped', 'pass'];
const weight = ({ verdict }: ItemRow): number => (order.includes(verdict) ? order.indexOf(verdict) : 0);
