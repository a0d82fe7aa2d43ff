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

/** A row a version, a column a program: as narrow on a phone. */
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
    ['QEMU', ...flavours.map((flavour) => flavour || 'any program')],
    versions.map((version) =>
      h('tr', {}, h('th', { scope: 'row' }, version), ...flavours.map((flavour) => cell(version, flavour))),
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

/** What needs a look first; what passed or was skipped is counted, and listed when it is asked for. */
export function itemsView(items: readonly ItemRow[]): HTMLElement {
  const quiet = (verdict: string): boolean => verdict === 'pass' || verdict === 'skipped';
  const told = items.filter(({ verdict }) => !quiet(verdict));
  const rest = items.filter(({ verdict }) => quiet(verdict));
  if (told.length === 0) return itemsTable('Items', rest);
  const skipped = rest.filter(({ verdict }) => verdict === 'skipped').length;
  const passed = rest.length - skipped;
  const words = [passed > 0 && `${passed} passed`, skipped > 0 && `${skipped} skipped`].filter(Boolean);
  const details = h('details', { ontoggle: fill }, h('summary', {}, words.join(', ')));
  return h('div', {}, itemsTable('Items', told), rest.length > 0 && details);

  function fill(): void {
    if (details.childElementCount === 1)
      details.append(itemsTable('Items that passed or were skipped', rest));
  }
}

const itemsTable = (name: string, items: readonly ItemRow[]): HTMLElement =>
  framedTable(
    name,
    ['item', 'verdict', 'QEMU', 'ok', 'reason'],
    [...items]
      .sort((a, b) => weight(a) - weight(b))
      .map((item) =>
        h(
          'tr',
          { class: `item-${item.verdict}` },
          h('th', { scope: 'row' }, item.name),
          h('td', {}, item.verdict === 'unknown' ? 'undecided' : item.verdict),
          h('td', {}, item.qemu),
          h('td', { class: 'number' }, `${item.ok}/${item.of}`),
          h('td', {}, item.reason),
        ),
      ),
  );

const order = ['fail', 'flaky', 'unknown', 'known', 'fixed', 'pass', 'skipped'];
const weight = ({ verdict }: ItemRow): number => (order.includes(verdict) ? order.indexOf(verdict) : 0);
