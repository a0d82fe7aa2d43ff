import type { JsonObject } from '../../sequence/json-object.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';
import { command, offers, only } from '../steps/command.ts';
import type { Action } from '../steps/transaction.ts';
import { living, type Part } from './flow.ts';

/** All in one moment, unless the job that they begin is still there. */
export const inTransaction =
  (job: string, actions: (draw: Draw, situation: Situation) => readonly Action[]): Part =>
  (draw, situation) =>
    living(situation, job) || !offers(situation, 'transaction')
      ? undefined
      : only(command(draw, situation, 'transaction', { actions: [...actions(draw, situation)] }));

/** The command of that name as this binary has it, as an action. */
export function action(draw: Draw, situation: Situation, type: string, args: JsonObject): Action[] {
  const step = command(draw, situation, type, args);
  return step ? [{ type, data: step.args ?? {} }] : [];
}
