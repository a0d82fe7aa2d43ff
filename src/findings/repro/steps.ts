import { renderStep } from '../../sequence/render.ts';
import { conditions, type MonitorCondition } from './monitor.ts';
import type { Action, Plan, PlannedStep } from './plan.ts';
import { comment, quote } from './shell.ts';
import { restartLines } from './start.ts';
import { awaitLines, conditionUsed } from './step-await.ts';
import { guestLines } from './step-guest.ts';
import { qmpLines } from './step-qmp.ts';
import { rawLines } from './step-raw.ts';

/** The steps, each under its number and its words as in the sequence. `before` comes ahead of the step it names. */
export function stepLines(
  plan: Plan,
  before: (step: PlannedStep) => string[],
  after: (step: PlannedStep) => string[],
): string[] {
  const unanswered: string[] = [];
  return plan.steps.flatMap((planned) => [
    '',
    comment(`${planned.index + 1}. ${renderStep(planned.step)}`),
    ...before(planned),
    ...planned.actions.flatMap((action, i) => {
      const number = idOf(planned, i);
      const lines = actionLines(action, number, plan, unanswered);
      if (action.do === 'qmp' && !action.wait) unanswered.push(number);
      return lines;
    }),
    ...after(planned),
  ]);
}

/** The id of a step's command: its number; what a step sends before its own command has a letter behind it. */
export function idOf({ index, actions }: PlannedStep, at: number): string {
  return at === actions.length - 1 ? String(index + 1) : `${index + 1}${String.fromCharCode(97 + at)}`;
}

/** The functions that the awaits of these steps call. */
export function conditionFunctions(plan: Plan, others: readonly MonitorCondition[]): string[] {
  const used = new Set([
    ...others,
    ...plan.steps.flatMap(({ actions }) =>
      actions.flatMap((action): MonitorCondition[] => {
        if (action.do === 'await') return conditionUsed(action, plan);
        return action.do === 'qmp' && action.untilGone !== undefined ? ['is'] : [];
      }),
    ),
  ]);
  return (Object.keys(conditions) as MonitorCondition[])
    .filter((name) => used.has(name))
    .map((name) => conditions[name]);
}

function actionLines(action: Action, number: string, plan: Plan, unanswered: readonly string[]): string[] {
  switch (action.do) {
    case 'qmp':
      return qmpLines(action, number, plan);
    case 'raw':
      return rawLines(action, number);
    case 'guest':
      return guestLines(action);
    case 'server':
      return [`${action.is} ${quote(action.disk)}`];
    case 'signal':
      return [`kill -${action.signal} "$pid"`];
    case 'restart':
      return restartLines(plan, action.setUp);
    case 'await':
      return awaitLines(action, plan, unanswered);
    case 'pause':
      return action.ms === 0 ? [':'] : [`sleep ${action.ms / 1000}`];
    default:
      return action satisfies never;
  }
}
