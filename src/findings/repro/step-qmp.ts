import type { Json } from '../../sequence/step.ts';
import type { Action, Command } from './plan.ts';
import { json, quote } from './shell.ts';

/** A command of a step, waited for or not. */
export function qmpLines(action: Extract<Action, { do: 'qmp' }>, id: string): string[] {
  const oob = action.oob ? 'execute=exec-oob ' : '';
  return [`${oob}${action.wait ? 'qmp' : 'send'} ${id} ${words(action)}`];
}

/** A command of the set-up, which has to succeed. */
export const mustLine = (command: Command, id: string): string => `must ${id} ${words(command)}`;

/** A command whose answer does not matter. */
export const anyLine = (command: Command, id: string): string => `qmp ${id} ${words(command)}`;

function words({ name, args }: Command): string {
  const escaped = quote(JSON.stringify(name).slice(1, -1));
  return Object.keys(args).length === 0 ? escaped : `${escaped} ${quote(json(args as Json))}`;
}
