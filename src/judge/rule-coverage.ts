import type { World } from '../model/world.ts';
import { verbAnswers } from './job/replies.ts';
import type { Verdict } from './ledger.ts';
import type { Evidence } from './reading/evidence.ts';

/** Rules that a trace's verdicts show to have ruled, as short texts. */
export const ruled = (verdicts: readonly Verdict[]): string[] =>
  verdicts.flatMap(({ rule, held, broken }) => (held + broken > 0 ? [`rule ${rule.name}`] : []));

/** Verbs that were ruled on, by what the job had been through, as short texts. */
export function ruledVerbs(evidence: Evidence): string[] {
  return verbAnswers(evidence).flatMap(({ verb, outcome, pasts: [past, ...others] }) =>
    past && others.length === 0 ? [`rule state/verb-reply ${verb} ${outcome} ${inWords(past)}`] : [],
  );
}

function inWords({ userPaused, cancel, completeRequested }: World): string {
  const parts = [
    ...(userPaused ? ['paused-by-user'] : []),
    ...(cancel === 'none' ? [] : [`cancelled-${cancel}`]),
    ...(completeRequested ? ['completing'] : []),
  ];
  return parts.join('+') || 'untouched';
}
