import type { RuleRow, VersionPart } from '../model.ts';
import { rowsOfVersion } from '../rule-rows.ts';
import { h } from './dom.ts';
import { framedTable } from './tables.ts';
import { versionChoice } from './version-choice.ts';

/** What was ruled, and by which rules nothing was. */
export function rulesView(rules: readonly RuleRow[], byVersion: readonly VersionPart[]): HTMLElement {
  const versions = byVersion.flatMap((each) =>
    each.rules ? [{ version: each.version, counts: each.rules }] : [],
  );
  return versionChoice(versions, (one) => [rulesTable(one ? rowsOfVersion(rules, one.counts) : rules)]);
}

function rulesTable(rules: readonly RuleRow[]): HTMLElement {
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
