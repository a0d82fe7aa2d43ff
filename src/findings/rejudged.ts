import { keptSchema } from '../execute/sessions/schema-store.ts';
import type { Fact } from '../judge/facts/fact.ts';
import { judge } from '../judge/judge.ts';
import type { Violation } from '../judge/rule.ts';
import type { Trace } from '../trace/observation.ts';
import type { Finding } from './finding.ts';
import { signatureOf } from './signature.ts';

/** How a finding's trace breaks its rule. One of format 1 kept a sentence only: its trace is judged again. */
export const factsOf = (finding: Finding, trace: Trace): Fact | undefined =>
  finding.violation.facts ?? rejudged(finding, trace).violation?.facts;

/** What a finding's trace breaks by today's rules; `violation` is the finding's own, where it is still one. */
export function rejudged(
  { rule, violation: { at } }: Finding,
  trace: Trace,
): { violation: Violation | undefined; all: readonly Violation[] } {
  const [opened] = trace;
  const hash = opened?.kind === 'opened' ? opened.qemu.schema : undefined;
  const { violations: all } = judge(trace, hash === undefined ? undefined : keptSchema(hash)?.schema);
  return { all, violation: all.find((each) => each.rule.name === rule && each.at === at) };
}

/** A finding of format 1 as one of format 2: with facts, and the signatures of today, its own and those of what else broke. */
export function recognised(finding: Finding, trace: Trace): Finding {
  const { all, violation } = rejudged(finding, trace);
  if (!violation) return finding;
  const signature = signatureOf(violation, trace);
  const others = all.map((each) => ({ rule: each.rule.name, signature: signatureOf(each, trace) }));
  const beside = [...new Set(others.map((each) => each.signature))].filter((each) => each !== signature);
  const alsoBreaks = finding.alsoBreaks?.map((other) => ({
    ...other,
    signature: others.find(({ rule }) => rule === other.rule)?.signature ?? other.signature,
  }));
  return {
    ...finding,
    schema: 2,
    violation: { ...finding.violation, facts: violation.facts },
    signature,
    ...(finding.beside === undefined ? {} : { beside }),
    ...(alsoBreaks === undefined ? {} : { alsoBreaks }),
  };
}
