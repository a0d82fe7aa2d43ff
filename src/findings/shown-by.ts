import { UsageError } from '../errors.ts';
import { decisiveRows, verdictOf, verdictWords } from './ablated.ts';
import type { Finding } from './finding.ts';

/**
 * A note is verified by what is on record of the finding: a row of its ablation that is decisive, word for word, or the name
 * of a debugger whose stack it has. Throws UsageError where `by` is neither.
 */
export function checkShownBy({ id, ablation, stacks = [] }: Finding, by: string): void {
  if (stacks.some((stack) => stack.by === by)) return;
  const row = ablation?.rows.find(({ what }) => what === by);
  const verdict = row && ablation && verdictOf(row, ablation);
  if (verdict === 'decisive') return;
  const may = [
    ...(ablation ? decisiveRows(ablation) : []).map(({ what }) => what),
    ...new Set(stacks.map((stack) => stack.by)),
  ];
  const why =
    verdict === undefined
      ? `is no row of the ablation of ${id}`
      : `shows nothing: ${verdictWords[verdict] || 'the defect shows with it, too'}`;
  throw new UsageError(
    `--shown-by "${by}" ${why}`,
    may.length === 0
      ? `mirrorfuzz findings ablate ${id}`
      : `one of: ${may.map((each) => `"${each}"`).join(', ')}`,
  );
}
