import { printable } from '../../printable.ts';
import { json, quote } from './shell.ts';
import type { Case, ScriptVerdict } from './verdict.ts';

/** An event with a speed or a type that the job does not have. */
export function fieldsVerdict({ facts, trace, at }: Case): ScriptVerdict | undefined {
  const seen = trace[at];
  if (facts?.shape !== 'figure' || seen?.kind !== 'event') return undefined;
  if (facts.is !== 'wrong type' && facts.is !== 'wrong speed') return undefined;
  const words = facts.is === 'wrong type' ? `"type": ${json(facts.shown)}` : `"speed": ${facts.speed}`;
  const texts = [json(seen.name), `"device": ${json(seen.data.device ?? null)}`, words];
  return {
    ends: 'arena',
    ending: [
      `! heard ${texts.map(quote).join(' ')} || shows ${quote(printable(`${seen.name} with ${words}`))}`,
      'absent',
    ],
  };
}
