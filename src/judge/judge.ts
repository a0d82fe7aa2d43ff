import type { QmpSchema } from '../qmp/schema.ts';
import type { Trace } from '../trace/observation.ts';
import { claims } from './claims.ts';
import { crash } from './crash.ts';
import { gather } from './evidence.ts';
import { hang } from './hang.ts';
import { leak } from './leak.ts';
import { heldByProcess } from './process.ts';
import { protocol } from './protocol.ts';
import { resume } from './resume.ts';
import type { Rule, RuleFamily, Violation } from './rule.ts';
import { stalledJobs } from './stalled.ts';
import { state } from './state.ts';
import { validation } from './validation.ts';

/** Adding a rule family means adding its file and its line here. The most serious stand first. */
const families: readonly RuleFamily[] = [
  crash,
  hang,
  resume,
  stalledJobs,
  protocol,
  state,
  validation,
  claims,
  leak,
  heldByProcess,
];

/**
 * Every rule broken by a trace, most serious first. A crash explains what follows it, so of that only the crash counts;
 * a rule broken again in the same words is told once.
 */
export function judge(trace: Trace, schema?: QmpSchema): Violation[] {
  const evidence = gather(trace, schema);
  if (!evidence) return [];
  const found = families.flatMap((family) => family.judge(evidence));
  const crashedAt = Math.min(...found.flatMap(({ rule, at }) => (rule.kind === 'crash' ? [at] : [])));
  const told = new Set<string>();
  return found.filter((violation) => {
    if (violation.rule.kind !== 'crash' && violation.at >= crashedAt) return false;
    const words = wording(violation);
    return !told.has(words) && told.add(words);
  });
}

/** A violation without what differs from one time to the next. */
const wording = ({ rule, text }: Violation): string => `${rule.name} ${text.replaceAll(/\d+/g, 'N')}`;

export const rules: readonly Rule[] = families.flatMap((family) => family.rules);

/** Why a trace allows no verdict, where it does not: QEMU would not make the arena. */
export function undecided(trace: Trace): string | undefined {
  const stepsBegan = trace.some((seen) => seen.kind === 'phase' && seen.phase === 'steps');
  if (stepsBegan) return undefined;
  for (const seen of trace) {
    if (seen.kind === 'reply' && seen.error) return `the arena was refused: ${seen.error.desc}`;
    if (seen.kind === 'reply' && typeof seen.return === 'string' && seen.return.trim() !== 'OK') {
      return `the arena was refused: ${seen.return.trim()}`;
    }
  }
  return 'the arena could not be set up';
}
