import { rules } from '../../judge/judge.ts';
import type { Verdict } from '../../judge/ledger.ts';
import type { RuleRow } from '../../page/model.ts';
import { printable } from '../../printable.ts';
import type { Result } from './result-file.ts';

/** Every rule there is, with what was ruled by it: broken ones first, then undecided, held, and those never exercised. */
export function rulesOf(ruled: NonNullable<Result['rules']>): RuleRow[] {
  const byName = new Map(ruled.map((row) => [row.rule, row]));
  const known = rules.map(({ name, statement }): RuleRow => {
    const { held = 0, broken = 0, undecided = 0, reasons = undecided } = byName.get(name) ?? {};
    return { rule: name, statement: printable(statement), held, broken, ...undecidedOf(reasons) };
  });
  const names = new Set(rules.map(({ name }) => name));
  const others = ruled
    .filter(({ rule }) => !names.has(rule))
    .map(
      ({ rule, held, broken, undecided, reasons = undecided }): RuleRow => ({
        rule: printable(rule),
        statement: 'A rule that this mirrorfuzz does not know.',
        held,
        broken,
        ...undecidedOf(reasons),
      }),
    );
  return [...known, ...others].sort((a, b) => placeOf(a) - placeOf(b) || a.rule.localeCompare(b.rule, 'en'));
}

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

const placeOf = ({ held, broken, undecided }: RuleRow): number =>
  broken > 0 ? 0 : undecided > 0 ? 1 : held > 0 ? 2 : 3;

/** A figure, or figures by reason: as a list or as a record. */
function undecidedOf(
  undecided: NonNullable<Result['rules']>[number]['undecided'],
): Pick<RuleRow, 'undecided' | 'why'> {
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
