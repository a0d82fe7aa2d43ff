import type { AffectedCell, Detail, ItemRow, RuleRow } from '../model.ts';
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

export function rulesTable(rules: readonly RuleRow[]): HTMLElement {
  const number = (value: number): HTMLElement =>
    h('td', { class: value === 0 ? 'number muted' : 'number' }, `${value}`);
  const never = rules.filter(({ held, broken, undecided }) => held + broken + undecided === 0);
  const ruled = rules.filter((rule) => !never.includes(rule));
  const broken = ruled.filter((rule) => rule.broken > 0).length;
  const open = ruled.filter((rule) => rule.broken + rule.held === 0).length;
  return h(
    'div',
    {},
    h(
      'p',
      {},
      `${rules.length} rules: ${broken} broken, ${ruled.length - broken - open} held, ${open} always undecided, ${never.length} never exercised.`,
    ),
    framedTable(
      'Rules',
      ['rule', 'broken', 'held', 'undecided', 'why undecided'],
      ruled.map((rule) =>
        h(
          'tr',
          { class: rule.broken > 0 ? 'broken' : '' },
          h('th', { scope: 'row', title: rule.statement }, h('code', {}, rule.rule)),
          number(rule.broken),
          number(rule.held),
          number(rule.undecided),
          h('td', {}, rule.why),
        ),
      ),
    ),
    never.length > 0 &&
      h(
        'details',
        {},
        h('summary', {}, `${never.length} rules had nothing to rule on`),
        h('ul', {}, ...never.map(({ rule, statement }) => h('li', {}, h('code', {}, rule), ` ${statement}`))),
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
