import type { Json } from '../sequence/step.ts';
import { isJobType } from './job-start.ts';
import type { Spelling, Verb } from './verb.ts';
import { cancel } from './verbs/cancel.ts';
import { change } from './verbs/change.ts';
import { complete } from './verbs/complete.ts';
import { dismiss } from './verbs/dismiss.ts';
import { finalize } from './verbs/finalize.ts';
import { pause } from './verbs/pause.ts';
import { resume } from './verbs/resume.ts';
import { setSpeed } from './verbs/set-speed.ts';

/** A command about one job: which verb, in which spelling, and the argument that names the job. */
export type JobCommand = { verb: Verb; spelling: Spelling; idArgument: 'id' | 'device' };

export const jobCommands: Readonly<Record<string, JobCommand>> = {
  'job-pause': { verb: pause, spelling: 'job', idArgument: 'id' },
  'job-resume': { verb: resume, spelling: 'job', idArgument: 'id' },
  'job-cancel': { verb: cancel, spelling: 'job', idArgument: 'id' },
  'job-complete': { verb: complete, spelling: 'job', idArgument: 'id' },
  'job-finalize': { verb: finalize, spelling: 'job', idArgument: 'id' },
  'job-dismiss': { verb: dismiss, spelling: 'job', idArgument: 'id' },
  'block-job-pause': { verb: pause, spelling: 'block-job', idArgument: 'device' },
  'block-job-resume': { verb: resume, spelling: 'block-job', idArgument: 'device' },
  'block-job-cancel': { verb: cancel, spelling: 'block-job', idArgument: 'device' },
  'block-job-complete': { verb: complete, spelling: 'block-job', idArgument: 'device' },
  'block-job-set-speed': { verb: setSpeed, spelling: 'block-job', idArgument: 'device' },
  'block-job-finalize': { verb: finalize, spelling: 'block-job', idArgument: 'id' },
  'block-job-dismiss': { verb: dismiss, spelling: 'block-job', idArgument: 'id' },
  'block-job-change': { verb: change, spelling: 'block-job', idArgument: 'id' },
};

/** Arguments that a job command may have, by type; anything else is for the schema to judge. */
export function wellFormed(command: string, args: Record<string, Json>): boolean {
  const known = jobCommands[command];
  if (!known || typeof args[known.idArgument] !== 'string') return false;
  if (command === 'block-job-set-speed' && args.speed === undefined) return false;
  if (command === 'block-job-change' && !isChange(args)) return false;
  return Object.entries(args).every(([key, value]) => {
    if (key === known.idArgument) return true;
    if (key === 'force') return command === 'block-job-cancel' && typeof value === 'boolean';
    if (key === 'speed')
      return command === 'block-job-set-speed' && typeof value === 'number' && Number.isSafeInteger(value);
    return command === 'block-job-change' && (key === 'type' || key === 'copy-mode');
  });
}

/** A branch that is not there, or a member that its branch has not, is refused before the job is looked up. */
function isChange({ type, 'copy-mode': copyMode }: Record<string, Json>): boolean {
  if (type === 'mirror') return copyMode === 'background' || copyMode === 'write-blocking';
  return typeof type === 'string' && isJobType(type) && copyMode === undefined;
}
