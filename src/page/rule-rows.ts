import type { RuleCounts, RuleRow } from './model.ts';

/** Broken rules first, then undecided, held, and those never exercised. */
export const bySeverity = (a: RuleCounts, b: RuleCounts): number =>
  placeOf(a) - placeOf(b) || a.rule.localeCompare(b.rule, 'en');

/** The same rules with the figures of one version. */
export function rowsOfVersion(rows: readonly RuleRow[], counts: readonly RuleCounts[]): RuleRow[] {
  const byName = new Map(counts.map((each) => [each.rule, each]));
  const none = { held: 0, broken: 0, undecided: 0, why: '' };
  return rows
    .map(({ rule, statement }) => ({ rule, statement, ...(byName.get(rule) ?? none) }))
    .sort(bySeverity);
}

const placeOf = ({ held, broken, undecided }: RuleCounts): number =>
  broken > 0 ? 0 : undecided > 0 ? 1 : held > 0 ? 2 : 3;
