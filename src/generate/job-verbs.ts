import { verbAllowed } from '../model/job-machine.ts';
import type { JobVerb } from '../qemu/card.ts';
import { type VerbName, withPart } from '../qemu/cards.ts';
import type { JsonObject } from '../sequence/json-object.ts';
import type { Json } from '../sequence/step.ts';
import type { GuessedStatus } from './guesses.ts';
import type { Binary } from './situation.ts';

/** A command that does something to one job; not those whose branches are looked at before the job. */
export type VerbSpelling = { command: string; verb: JobVerb };

export const spellingsOfVerbs: readonly VerbSpelling[] = withPart('verb')
  .map(([command, verb]) => ({ command, verb }))
  .filter(({ verb }) => !verb.union);

export const verbNames = [...new Set(spellingsOfVerbs.map(({ verb }) => verb.name as VerbName))];

/** The verbs that a status refuses. Nor can whoever is paused be paused, or resumed who is not. */
export function uselessVerbs({ binary }: { binary: Binary }, status: GuessedStatus): VerbName[] {
  const isPaused = status === 'paused' || status === 'standby';
  return verbNames.filter((verb) => {
    if (verb === 'resume') return !isPaused;
    return (verb === 'pause' && isPaused) || !verbAllowed(verb, status, binary.version);
  });
}

/** The arguments of the command for that job, and no more than it needs. */
export const verbArguments = ({ verb: { id, needs } }: VerbSpelling, job: Json): JsonObject => ({
  [id]: job,
  ...(needs === undefined ? {} : { [needs]: 0 }),
});
