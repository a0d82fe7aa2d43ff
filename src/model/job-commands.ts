import type { JobVerb } from '../qemu/card.ts';
import { cardOf, type VerbName, withPart } from '../qemu/cards.ts';
import type { Json } from '../sequence/step.ts';
import { isJobType } from './job-start.ts';
import { refusedOutright, type Spelling, type VerbModel } from './verb.ts';
import { cancel } from './verbs/cancel.ts';
import { complete } from './verbs/complete.ts';
import { pause } from './verbs/pause.ts';
import { resume } from './verbs/resume.ts';
import { setSpeed } from './verbs/set-speed.ts';

/** A command about one job: which verb, in which spelling, and the argument that names the job. */
export type JobCommand = { verb: VerbModel; spelling: Spelling; idArgument: 'id' | 'device' };

/** Verbs whose answers rest on what the job remembers; what the others answer stands on their cards. */
const remembering = [cancel, complete, pause, resume, setSpeed];

export const jobCommands: Readonly<Record<string, JobCommand>> = Object.fromEntries(
  withPart('verb').map(([command, card]) => {
    const verb = remembering.find(({ name }) => name === card.name) ?? plain(card);
    return [command, { verb, spelling: card.spelling, idArgument: card.id }];
  }),
);

function plain({ name: text, answers }: JobVerb): VerbModel {
  const name = text as VerbName;
  return {
    name,
    expect: (situation) =>
      refusedOutright(name, situation) ??
      (answers === 'success'
        ? [{ ok: situation.world }]
        : [{ ok: situation.world }, { error: 'GenericError' }]),
  };
}

/** Arguments that a job command may have, by type; anything else is for the schema to judge. */
export function wellFormed(command: string, args: Record<string, Json>): boolean {
  const verb = cardOf(command)?.verb;
  if (!verb || typeof args[verb.id] !== 'string') return false;
  const { [verb.id]: _, ...others } = args;
  if (verb.union) return isChange(others);
  if (verb.needs !== undefined && others[verb.needs] === undefined) return false;
  return Object.entries(others).every(([key, value]) => {
    const type = verb.takes?.[key];
    return type === 'integer' ? Number.isSafeInteger(value) : type !== undefined && typeof value === type;
  });
}

/** A branch that is not there, or a member that its branch has not, is refused before the job is looked up. */
function isChange({ type, 'copy-mode': copyMode, ...others }: Record<string, Json>): boolean {
  if (Object.keys(others).length > 0) return false;
  if (type === 'mirror') return copyMode === 'background' || copyMode === 'write-blocking';
  return typeof type === 'string' && isJobType(type) && copyMode === undefined;
}
