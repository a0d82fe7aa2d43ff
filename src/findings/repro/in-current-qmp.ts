import { retell } from '../../judge/dialect/retold.ts';
import type { Observation, Trace } from '../../trace/observation.ts';
import { asPlace } from '../../trace/place.ts';
import type { Finding } from '../finding.ts';
import { factsOf } from '../rejudged.ts';
import { relativePaths } from './paths.ts';
import { type Plan, planOf } from './plan.ts';
import type { Case } from './verdict.ts';

/**
 * A finding as a reproducer takes it: a plain QEMU knows nothing of dialects, so the trace of a sequence in one is
 * retold in the commands of today, and the place of the violation is that in the retold trace; -1 where it is not told.
 */
export function caseOf(finding: Finding, recorded: Trace): Case {
  const refused = refusalInDialect(finding, recorded);
  const { trace, placeSeen } = retell(relativePaths(recorded));
  const wanted = recorded[finding.violation.at];
  const at = trace.findLastIndex(
    (seen, i) => placeSeen(asPlace(i)) === finding.violation.at && isSame(seen, wanted),
  );
  const plan: Plan = planOf(recorded, at);
  return {
    finding,
    facts: factsOf(finding, recorded),
    plan: refused === undefined ? plan : { refusal: refused, ...plan },
    trace,
    at,
  };
}

/** Retelling adds statuses beside an event, and commands before a reply. */
const isSame = (seen: Observation, wanted: Observation | undefined): boolean =>
  seen.kind === wanted?.kind &&
  (seen.kind !== 'event' || wanted.kind !== 'event' || seen.name === wanted.name);

/** What was said in the words of then by the translator, no QEMU says. */
function refusalInDialect({ rule, violation }: Finding, trace: Trace): string | undefined {
  const [opened] = trace;
  const { dialect, steps = [] } = opened?.kind === 'opened' ? opened.sequence : {};
  if (dialect === undefined) return undefined;
  const step = steps[violation.step ?? -1];
  const expected = step && 'qmp' in step ? step.expect : undefined;
  const isOwn = rule.startsWith('validation/dialect-') || rule === 'validation/reopen-after-end';
  const isWorded = rule === 'claim/reply' && typeof expected === 'object';
  return isOwn || isWorded ? `it shows to a client that speaks ${dialect}` : undefined;
}
