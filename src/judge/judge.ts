import type { QmpSchema } from '../qmp/schema.ts';
import type { Trace } from '../trace/observation.ts';
import { claims } from './claims.ts';
import { crash } from './crash.ts';
import { gather } from './evidence.ts';
import { hang } from './hang.ts';
import { leak } from './leak.ts';
import { protocol } from './protocol.ts';
import type { Rule, RuleFamily, Violation } from './rule.ts';
import { state } from './state.ts';
import { validation } from './validation.ts';

/** Adding a rule family means adding its file and its line here. The most serious stand first. */
const families: readonly RuleFamily[] = [crash, hang, protocol, state, validation, claims, leak];

/** Every rule broken by a trace, most serious first. A crash explains what follows it, so it stands alone. */
export function judge(trace: Trace, schema?: QmpSchema): Violation[] {
  const evidence = gather(trace, schema);
  if (!evidence) return [];
  const crashes = crash.judge(evidence);
  if (crashes.length > 0) return crashes;
  return families.flatMap((family) => family.judge(evidence));
}

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
