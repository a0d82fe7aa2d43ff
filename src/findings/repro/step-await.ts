import type { Awaited } from '../../sequence/step.ts';
import { imageFile } from './images.ts';
import type { Condition } from './monitor.ts';
import type { Action, Plan } from './plan.ts';
import { json, quote } from './shell.ts';

type AwaitAction = Extract<Action, { do: 'await' }>;

/** Reads on until what is awaited has come. `unanswered`: ids of the commands that nobody has waited for yet. */
export function awaitLines(action: AwaitAction, plan: Plan, unanswered: readonly string[]): string[] {
  const { step, waitMs } = action;
  if (step.await === 'guest') return plan.guestDisks.map((disk) => `guest ${disk} aio_flush`);
  if (step.await === 'exit') return [`await ${waitMs} gone`];
  const condition = conditionOf(action, plan, unanswered);
  return condition === undefined ? [] : [`await ${waitMs} ${condition.join(' ')}`];
}

/** The condition's function that an await needs. */
export function conditionUsed(action: AwaitAction, plan: Plan): Condition[] {
  const [name] = conditionOf(action, plan, ['']) ?? [];
  if (name === undefined) return [];
  return name === 'replied' || name === 'ready' ? ['heard', name] : [name];
}

function conditionOf(
  { step, job }: AwaitAction,
  plan: Plan,
  unanswered: readonly string[],
): [Condition, ...string[]] | undefined {
  const wanted: Awaited = step.await;
  if (typeof wanted === 'object') {
    if ('event' in wanted) return ['heard', ...eventTexts(wanted)];
    const disk = plan.sequence.arena.disks.find(({ name }) => name === wanted.locked);
    return disk && ['locked', imageFile(disk), disk.format];
  }
  switch (wanted) {
    case 'READY':
      return isId(job) ? ['ready', job] : undefined;
    case 'gone':
      return isId(job) ? ['is', job, 'null'] : undefined;
    case 'reply':
      return unanswered.length === 0 ? undefined : ['replied', ...unanswered];
    case 'offset=len':
      return isId(job) ? ['copied', job] : undefined;
    case 'guest':
    case 'exit':
      return undefined;
    default:
      return isId(job) ? [onceReached.has(wanted) ? 'was' : 'is', job, wanted] : undefined;
  }
}

/** A reference that no job ever answered to: there is nothing to wait for. */
const isId = (job: string): boolean => /^[A-Za-z]/.test(job);

const onceReached = new Set<Awaited>(['waiting', 'pending', 'aborting', 'concluded', 'null']);

function eventTexts({ event, data = {} }: Extract<Awaited, { event: string }>): string[] {
  const members = Object.entries(data).map(([key, value]) => `${JSON.stringify(key)}: ${json(value)}`);
  return [`"event": ${JSON.stringify(event)}`, ...members].map(quote);
}
