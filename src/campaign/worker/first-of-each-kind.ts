import type { FindingKind, Violation } from '../../judge/rule.ts';

/**
 * Of the violations of one run, the first of each kind by place: what goes wrong once mostly breaks more rules later on,
 * and what is a finding of its own will come first in another run.
 */
export function firstOfEachKind(violations: readonly Violation[]): Violation[] {
  const first = new Map<FindingKind, Violation>();
  for (const violation of violations) {
    const { kind } = violation.rule;
    const before = first.get(kind);
    if (!before || violation.at < before.at) first.set(kind, violation);
  }
  return [...first.values()];
}
