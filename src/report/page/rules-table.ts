import { rules } from '../../judge/judge.ts';
import type { Verdict } from '../../judge/ledger.ts';
import type { RuleCounts, RuleRow } from '../../page/model.ts';
import { bySeverity } from '../../page/rule-rows.ts';
import { printable } from '../../printable.ts';
import type { Result } from './result-file.ts';

type RuleLines = NonNullable<Result['rules']>;

/** Every rule there is, with what was ruled by it: broken ones first, then undecided, held, and those never exercised. */
export function rulesOf(ruled: RuleLines): RuleRow[] {
  const byName = new Map(ruled.map((row) => [row.rule, row]));
  const known = rules.map(({ name, statement }): RuleRow => {
    return { ...countsOf(byName.get(name) ?? nothing(name)), statement: printable(statement) };
  });
  const names = new Set(rules.map(({ name }) => name));
  const others = ruled
    .filter(({ rule }) => !names.has(rule))
    .map((row): RuleRow => ({ ...countsOf(row), statement: 'A rule that this mirrorfuzz does not know.' }));
  return [...known, ...others].sort(bySeverity);
}

/** The figures alone, of what is given. */
export const ruleCounts = (ruled: RuleLines): RuleCounts[] => ruled.map(countsOf);

/** Of one trace. */
export const rulesOfVerdicts = (verdicts: readonly Verdict[]): RuleRow[] =>
  rulesOf(
    verdicts.map(({ rule, held, broken, undecided }) => ({
      rule: rule.name,
      held,
      broken,
      undecided: undecided.map(({ why, times }) => ({ reason: why, count: times })),
    })),
  );

const countsOf = ({ rule, held, broken, undecided, reasons }: RuleLines[number]): RuleCounts => ({
  ...{ rule: printable(rule), held, broken },
  ...undecidedOf(reasons ?? undecided),
});

const nothing = (rule: string): RuleLines[number] => ({ rule, held: 0, broken: 0, undecided: 0 });

/** A figure, or figures by reason: as a list or as a record. */
function undecidedOf(undecided: RuleLines[number]['undecided']): Pick<RuleRow, 'undecided' | 'why'> {
  if (typeof undecided === 'number') return { undecided, why: '' };
  const reasons = Array.isArray(undecided)
    ? undecided.map(({ reason, count }) => [reason, count] as const)
    : Object.entries(undecided);
  const sorted = [...reasons].sort((a, b) => b[1] - a[1]);
  return {
    undecided: sorted.reduce((sum, [, count]) => sum + count, 0),
    why: printable(sorted.map(([reason, count]) => `${reason} (${count})`).join('; ')),
  };
}
