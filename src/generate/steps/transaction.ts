import type { Card } from '../../qemu/card.ts';
import { cardOf } from '../../qemu/cards.ts';
import type { JsonObject } from '../../sequence/json-object.ts';
import type { QmpStep, Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { after, type Situation } from '../situation.ts';
import { drawBitmapChange } from './bitmap.ts';
import { drawSource, mayStart } from './candidates.ts';
import { command, only } from './command.ts';
import { drawInternalSnapshot } from './internal-snapshot.ts';
import { drawSnapshot } from './snapshot.ts';
import { type BackupSpelling, drawBackup } from './start-backup.ts';
import { wrongArguments } from './wrong-arguments.ts';

/** Several actions that happen together or not at all; backups whose jobs may also end together. */
export function transaction(draw: Draw, situation: Situation): Step[] | undefined {
  // Only backups can be grouped, and for one alone there is nothing to group.
  const grouped = draw.chance(0.4);
  const patient = { ...situation, habits: { ...situation.habits, unawaited: 0 } };
  const actions: Action[] = [];
  let now: Situation = patient;
  for (let i = draw.int(grouped ? 2 : 1, 3); i > 0; i--) {
    const step = drawAction(draw, now, grouped || (actions.length === 0 && draw.chance(0.7)));
    if (!step?.args) continue;
    actions.push({ type: step.qmp, data: step.args });
    now = after(now, step);
  }
  const isSpoilt = draw.chance(situation.habits.odd);
  if (isSpoilt && draw.chance(0.5)) actions.push({ type: 'abort', data: {} });
  if (actions.length === 0) return undefined;
  return only(
    command(draw, situation, 'transaction', {
      actions: isSpoilt ? oneSpoilt(draw, actions) : actions,
      ...(grouped ? { properties: { 'completion-mode': 'grouped' } } : draw.sometimes(0.3, individually)),
    }),
  );
}

/** One action of a `transaction`. */
export type Action = { type: string; data: JsonObject };

/**
 * One of those that begin something asks for what can't be: it is refused when those before it are prepared, and maybe
 * itself by half. All as they were where there is none.
 */
export function oneSpoilt(draw: Draw, actions: readonly Action[]): Action[] {
  const spoilt = draw.anyOf(actions.filter(({ type }) => begins(cardOf(type))));
  const wrong = spoilt && draw.anyOf(wrongArguments(spoilt.type));
  return actions.map((each) => (each === spoilt ? { ...each, data: { ...each.data, ...wrong } } : each));
}

const begins = (card: Card | undefined): boolean =>
  card?.job !== undefined || card?.change?.kind === 'overlays';

const individually = { properties: { 'completion-mode': 'individual' } };

function drawAction(draw: Draw, situation: Situation, isBackup: boolean): QmpStep | undefined {
  const made = isBackup || draw.chance(0.5) ? backupAction()(draw, situation) : other(draw, situation);
  const step = made && command(draw, situation, ...made);
  return step && isAction(situation, step.qmp) ? step : undefined;
}

export const backupAction =
  (spellings?: readonly BackupSpelling[]) =>
  (draw: Draw, situation: Situation): [string, JsonObject] | undefined => {
    const source = mayStart(situation) ? drawSource(draw, situation) : undefined;
    return source && drawBackup(draw, situation, source, spellings);
  };

const other = (draw: Draw, situation: Situation): [string, JsonObject] | undefined =>
  draw.oneOf([drawBitmapChange, drawBitmapChange, drawSnapshot, drawInternalSnapshot])(draw, situation);

/** Whether this binary knows it as an action. */
export function isAction({ binary: { schema } }: Situation, name: string): boolean {
  const actions = schema.commands
    .get('transaction')
    ?.args.members.find((member) => member.name === 'actions');
  const list = actions && schema.type(actions.type);
  const union = list?.kind === 'array' ? schema.type(list.element) : undefined;
  const tag =
    union?.kind === 'object' ? union.members.find((member) => member.name === union.tag) : undefined;
  const names = tag && schema.type(tag.type);
  return names?.kind === 'enum' && names.values.includes(name);
}
