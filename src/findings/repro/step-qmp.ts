import type { Json } from '../../sequence/step.ts';
import { imageFile } from './images.ts';
import type { Action, Plan, PlannedCommand } from './plan.ts';
import { json, quote } from './shell.ts';

/** A command of a step, waited for or not. */
export function qmpLines(action: Extract<Action, { do: 'qmp' }>, id: string, plan: Plan): string[] {
  const oob = action.oob ? 'execute=exec-oob ' : '';
  const line = `${oob}${action.wait ? 'qmp' : 'send'} ${id} ${words(action)}`;
  if (action.untilGone !== undefined && isJobId(action.untilGone))
    return [line, `await 10000 is ${action.untilGone} null`];
  const full = plan.sequence.arena.disks.find(({ name }) => name === action.roomOf);
  if (!full) return [line];
  // As large as the image is here and now: it may be larger or smaller than it was when this was found.
  return [`size=$(stat -c %s ${imageFile(full)})`, line.replace(/"size": \d+/, `"size": '"$size"'`)];
}

/** A command of the set-up, which has to succeed. */
export const mustLine = (command: PlannedCommand, id: string): string => `must ${id} ${words(command)}`;

/** A command whose answer does not matter. */
export const anyLine = (command: PlannedCommand, id: string): string => `qmp ${id} ${words(command)}`;

/** An id that a shell reads as one plain word. */
export const isJobId = (id: string): boolean => /^[A-Za-z][\w.-]*$/.test(id);

function words({ name, args }: PlannedCommand): string {
  const escaped = quote(json(name).slice(1, -1));
  return Object.keys(args).length === 0 ? escaped : `${escaped} ${quote(json(args as Json))}`;
}
