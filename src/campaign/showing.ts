import type { Violation } from '../judge/rule.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Trace } from '../trace/observation.ts';
import { limits } from './limits.ts';
import type { Tried } from './try-out.ts';

/** A run that showed a failure; `beside`: the signatures of what else it broke. */
export type Showing = { trace: Trace; violation: Violation; beside: readonly string[] };

export function showingOf({ signatures, violations, trace }: Tried, signature: string): Showing | undefined {
  const violation = violations[signatures.indexOf(signature)];
  const beside = signatures.filter((each) => each !== signature);
  return violation && { trace, violation, beside };
}

/** Runs a sequence, as often as its rate asks for, until it shows the failure once more. */
export async function showAgain(
  { sequence, reproduced: { ok, of } }: { sequence: Sequence; reproduced: { ok: number; of: number } },
  signature: string,
  tryOut: (candidate: Sequence) => Promise<Tried>,
): Promise<Showing | undefined> {
  const tries = ok === 0 ? 0 : Math.ceil((limits.showingFactor * of) / ok);
  for (let attempt = 0; attempt < tries; attempt++) {
    const showing = showingOf(await tryOut(sequence), signature);
    if (showing) return showing;
  }
  return undefined;
}
