import { UsageError } from '../errors.ts';
import type { Finding } from './finding.ts';
import { compareCauses } from './stacks/cause.ts';
import type { StoredAs } from './stored-as.ts';

/**
 * The finding with another one's signatures beside its own, because somebody has found out that they are one defect: who
 * meets them again meets this finding. What was measured is this finding's still; the twin's steps are its own. The same
 * once more changes nothing. Throws UsageError where debuggers saw two places, or the store tells it as another finding.
 */
export function withTwin(finding: Finding, twin: Finding, storedAs: StoredAs): Finding {
  if (compareCauses(finding.stacks ?? [], twin.stacks ?? []) === 'different')
    throw new UsageError(
      `${twin.id} and ${finding.id} are two defects: debuggers saw two places`,
      `mirrorfuzz findings show ${finding.id}`,
    );
  const { rule, signature, violation, alsoBreaks = [] } = twin;
  const told = [{ rule, signature, text: violation.text }, ...alsoBreaks].filter(
    (each) => storedAs(each.signature)?.id !== finding.id,
  );
  const other = told.map((each) => ({ each, as: storedAs(each.signature) })).find(({ as }) => as);
  if (other?.as)
    throw new UsageError(
      `"${other.each.signature}" is known as finding ${other.as.id}`,
      `mirrorfuzz findings show ${other.as.id}`,
    );
  if (told.length === 0) return finding;
  const others = told.map((each) => ({ ...each, otherSteps: true as const }));
  return { ...finding, alsoBreaks: [...(finding.alsoBreaks ?? []), ...others] };
}
