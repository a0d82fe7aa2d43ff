import type { Json } from '../../sequence/step.ts';
import { imageFile } from './images.ts';
import type { Action, Plan, PlannedCommand } from './plan.ts';
import { json, quote } from './shell.ts';

/** A command of a step, waited for or not. `id`: what its answer is looked for by later, where that is. */
export function qmpLines(
  action: Extract<Action, { do: 'qmp' }>,
  id: string | undefined,
  plan: Plan,
): string[] {
  const text = quote(commandJson(action, action.oob ? 'exec-oob' : 'execute'));
  const line = `${action.wait ? 'qmp' : 'send'} ${text}${id === undefined ? '' : ` ${id}`}`;
  if (action.untilGone !== undefined && isJobId(action.untilGone))
    return [line, awaitStatus(action.untilGone, 'null')];
  const full = plan.sequence.arena.disks.find(({ name }) => name === action.roomOf);
  if (!full) return [line];
  // As large as the image is here and now: it may be larger or smaller than it was when this was found.
  return [`size=$(stat -c %s ${imageFile(full)})`, line.replace(/"size": \d+/, `"size": '"$size"'`)];
}

/** A command of the set-up, which has to succeed; HMP says OK where it does. */
export const mustLine = (command: PlannedCommand): string =>
  `${command.name === 'human-monitor-command' ? 'must_hmp' : 'must'} ${quote(commandJson(command))}`;

/** A command whose answer does not matter. */
export const anyLine = (command: PlannedCommand): string => `qmp ${quote(commandJson(command))}`;

export function commandJson({ name, args }: PlannedCommand, execute = 'execute'): string {
  return json({ [execute]: name, ...(Object.keys(args).length === 0 ? {} : { arguments: args as Json }) });
}

/** Reads on until the job has had that status; no status but null is the last one for sure. */
export const awaitStatus = (job: string, status: string): string =>
  `await 10 ${quote(`{"status": ${json(status)}, "id": ${json(job)}}`)}`;

/** An id that a shell reads as one plain word. */
export const isJobId = (id: string): boolean => /^[A-Za-z][\w.-]*$/.test(id);
