import { rules } from '../judge/judge.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Trace } from '../trace/observation.ts';
import { asPlace } from '../trace/place.ts';
import type { Finding } from './finding.ts';
import { headOf } from './new-finding.ts';

/** A finding as it would be told today: title, impact and reach, and what its rule says. A title by hand stays. */
export function renewed(finding: Finding, sequence: Sequence, trace: Trace): Finding {
  const { violation, rule: name } = finding;
  const rule = rules.find((each) => each.name === name);
  if (!rule || !violation.facts) return finding;
  const { at, step, facts } = violation;
  const broken = { rule, at: asPlace(at), facts, ...(step === undefined ? {} : { step }) };
  const head = headOf({
    rule,
    violation: broken,
    sequence,
    trace,
    ...(finding.stacks ? { stacks: finding.stacks } : {}),
  });
  return {
    ...finding,
    statement: rule.statement,
    source: rule.source,
    ...head,
    ...(finding.titledByHand ? { title: finding.title } : {}),
  };
}
