import { keptSchema } from '../execute/sessions/schema-store.ts';
import type { Fact } from '../judge/facts/fact.ts';
import type { Reason } from '../judge/facts/reason.ts';
import { judge } from '../judge/judge.ts';
import type { Trace } from '../trace/observation.ts';

/**
 * Why a command of the steps has to be refused, as far as our model knows: one that was wrongly taken, or one that QEMU
 * died or hung of, of which the rules are asked what they would say had it succeeded.
 */
export function reasonsToRefuse(trace: Trace, facts: Fact): Reason[] {
  if (facts.shape !== 'died' && facts.shape !== 'lacking') return wronglyTaken(facts);
  const [opened] = trace;
  const hash = opened?.kind === 'opened' ? opened.qemu.schema : undefined;
  const schema = hash === undefined ? undefined : keptSchema(hash)?.schema;
  return judge(asIfAnswered(trace), schema).violations.flatMap((violation) => wronglyTaken(violation.facts));
}

/** A job that ends while a verb is on its way makes nobody's command invalid. */
const wronglyTaken = (facts: Fact): Reason[] =>
  facts.shape === 'reply' &&
  facts.got === 'success' &&
  !facts.due.includes('success') &&
  facts.why.is !== 'job'
    ? [facts.why]
    : [];

/** Up to where QEMU died, or was waited for in vain. */
function asIfAnswered(trace: Trace): Trace {
  const end = trace.findIndex(({ kind }) => kind === 'exit' || kind === 'disconnect' || kind === 'expired');
  if (end === -1) return trace;
  const before = trace.slice(0, end);
  const us = trace[end]?.us ?? 0;
  const answered = new Set(
    before.flatMap((seen) => (seen.kind === 'reply' ? [JSON.stringify(seen.id)] : [])),
  );
  const late = before.flatMap((seen) =>
    seen.kind === 'command' && seen.step !== undefined && !answered.has(JSON.stringify(seen.id))
      ? [{ us, kind: 'reply' as const, id: seen.id, return: {} }]
      : [],
  );
  return [...before, ...late];
}
