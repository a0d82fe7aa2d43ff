import { judge } from '../../src/judge/judge.ts';
import type { Violation } from '../../src/judge/rule.ts';
import type { QmpSchema } from '../../src/qmp/schema.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { session, wrong } from '../judge/dialect/sessions.ts';
import { graphTales } from '../judge/graph/tales.ts';
import { bootTales } from '../judge/guest/target-boots-tales.ts';
import { faultTales } from '../judge/integrity/fault-tales.ts';
import { integrityTales } from '../judge/integrity/tales.ts';
import { daemonSchema } from '../judge/recorded.ts';
import { story } from '../judge/story.ts';
import type { Tale } from '../judge/tale.ts';
import { tales } from '../judge/tales/tales.ts';
import { testedElsewhere } from '../judge/tested-elsewhere.ts';
import { validationTales } from '../judge/validation/tales.ts';
import { protocolTales } from '../judge/wire/tales.ts';

/** A trace with a name for people. */
export type Named = { name: string; trace: Trace; schema: QmpSchema | undefined };

/** What a group's tales break. Those of `tales` stand in no arena: rules about nodes have tales of their own. */
export function brokenIn(group: string, { trace, schema }: Named): Violation[] {
  const isOwn = ({ rule }: Violation): boolean => !arenaless.has(group) || !testedElsewhere(rule.name);
  return judge(trace, schema).violations.filter(isOwn);
}

const arenaless: ReadonlySet<string> = new Set(tales.map(({ rule }) => familyOf(rule)));

/** Every tale that tests tell of rules, in groups. */
export const taleGroups: Readonly<Record<string, readonly Named[]>> = {
  ...Object.fromEntries(
    [...Map.groupBy(tales, ({ rule }) => familyOf(rule))].map(([family, about]) => [family, traced(about)]),
  ),
  boots: traced(bootTales),
  dialect: wrong.map(([rule, says, seen]) => ({
    name: `${rule}: ${says}`,
    trace: session('rhel6', '10.0.13', ...seen),
    schema: undefined,
  })),
  graph: traced(graphTales, daemonSchema),
  integrity: traced([...integrityTales, ...faultTales]),
  protocol: traced(protocolTales, daemonSchema),
  validation: traced(validationTales, daemonSchema),
};

function familyOf(rule: string): string {
  return rule.split('/')[0] ?? '';
}

function traced(about: readonly Tale[], schema?: QmpSchema): Named[] {
  return about.map(({ rule, says, story: text, setting }) => ({
    name: `${rule}: ${says}`,
    trace: withSteps(story(text, setting)),
    schema,
  }));
}

/** Stories speak of steps that their sequences need not have. */
function withSteps(trace: Trace): Trace {
  const [opened] = trace;
  if (opened?.kind !== 'opened') return trace;
  const { sequence } = opened;
  const count = Math.max(0, ...trace.map((seen) => ('step' in seen ? (seen.step ?? 0) + 1 : 0)));
  const more = Array.from({ length: Math.max(0, count - sequence.steps.length) }, () => ({ pause: 1 }));
  return [{ ...opened, sequence: { ...sequence, steps: [...sequence.steps, ...more] } }, ...trace.slice(1)];
}
