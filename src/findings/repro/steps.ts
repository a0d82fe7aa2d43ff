import { renderStep } from '../../sequence/render.ts';
import { partyLines } from './parties.ts';
import type { Action, Plan, PlannedStep } from './plan.ts';
import { comment, quote } from './shell.ts';
import { restartLines } from './start.ts';
import { awaitLines } from './step-await.ts';
import { guestLines, underWayLines } from './step-guest.ts';
import { qmpLines } from './step-qmp.ts';
import { rawLines } from './step-raw.ts';

type Around = {
  before?(step: PlannedStep): string[];
  after?(step: PlannedStep): string[];
  /** Whether answers are looked for by the step's id. */
  named?(step: PlannedStep): boolean;
};

const none = (): string[] => [];

/** The steps, each under its number and its words as in the sequence. `before` comes ahead of the step it names. */
export function stepLines(
  plan: Plan,
  { before = none, after = none, named = () => false }: Around,
): string[] {
  const unanswered: string[] = [];
  return plan.steps.flatMap((planned, at) => [
    ...('pause' in planned.step ? underWayLines(plan, at) : []),
    comment(`${planned.index + 1}. ${renderStep(planned.step)}`),
    ...before(planned),
    ...planned.actions.flatMap((action, i) => {
      const id = idOf(planned, i);
      const isSought = (action.do === 'qmp' && !action.wait) || named(planned);
      const lines = actionLines(action, isSought ? id : undefined, plan, unanswered);
      if (action.do === 'qmp' && !action.wait) unanswered.push(id);
      return lines;
    }),
    ...after(planned),
  ]);
}

/** The id of a step's command: its number after "step"; what a step sends before its own command has a letter behind it. */
export function idOf({ index, actions }: PlannedStep, at: number): string {
  return at === actions.length - 1 ? `step${index + 1}` : `step${index + 1}${String.fromCharCode(97 + at)}`;
}

function actionLines(
  action: Action,
  id: string | undefined,
  plan: Plan,
  unanswered: readonly string[],
): string[] {
  switch (action.do) {
    case 'qmp':
      return qmpLines(action, id, plan);
    case 'raw':
      return rawLines(action);
    case 'guest':
      return guestLines(action, plan);
    case 'server':
      return [`${action.is} ${quote(action.disk)}`];
    case 'stranger':
    case 'opener':
    case 'monitor':
      return partyLines(action, plan);
    case 'signal':
      return [`kill -${action.signal} $pid`];
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
