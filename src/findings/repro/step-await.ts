import type { Awaited } from '../../sequence/step.ts';
import { imageFile } from './images.ts';
import type { MonitorCondition } from './monitor.ts';
import type { Action, Plan } from './plan.ts';
import { json, quote } from './shell.ts';
import { isJobId } from './step-qmp.ts';

type AwaitAction = Extract<Action, { do: 'await' }>;

/** Reads on until what is awaited has come. `unanswered`: ids of the commands that nobody has waited for yet. */
export function awaitLines(action: AwaitAction, plan: Plan, unanswered: readonly string[]): string[] {
  const { step, waitMs } = action;
  if (step.await === 'guest') return plan.guestDisks.map((disk) => `guest ${quote(disk)} aio_flush`);
  if (step.await === 'exit') return [`await ${waitMs} gone`];
  const condition = conditionOf(action, plan, unanswered);
  return condition === undefined ? [] : [`await ${waitMs} ${condition.join(' ')}`];
}

/** The condition's function that an await needs. */
export function conditionUsed(action: AwaitAction, plan: Plan): MonitorCondition[] {
  const [name] = conditionOf(action, plan, ['']) ?? [];
  if (name === undefined) return [];
  return name === 'replied' || name === 'ready' ? ['heard', name] : [name];
}

/** Of a name that no job can have there is nothing to wait for. */
function conditionOf(
  { step, job }: AwaitAction,
  plan: Plan,
  unanswered: readonly string[],
): [MonitorCondition, ...string[]] | undefined {
  const wanted: Awaited = step.await;
  if (typeof wanted === 'object') {
    if ('event' in wanted) return ['heard', ...eventTexts(wanted)];
    const disk = plan.sequence.arena.disks.find(({ name }) => name === wanted.locked);
    return disk && ['locked', imageFile(disk), disk.format];
  }
  switch (wanted) {
    case 'READY':
      return isJobId(job) ? ['ready', job] : undefined;
    case 'gone':
      return isJobId(job) ? ['is', job, 'null'] : undefined;
    case 'reply':
      return unanswered.length === 0 ? undefined : ['replied', ...unanswered];
    case 'offset=len':
      return isJobId(job) ? ['copied', job] : undefined;
    case 'guest':
    case 'exit':
      return undefined;
    default:
      return isJobId(job) ? [onceReached.has(wanted) ? 'was' : 'is', job, wanted] : undefined;
  }
}

const onceReached = new Set<Awaited>(['waiting', 'pending', 'aborting', 'concluded', 'null']);

function eventTexts({ event, data = {} }: Extract<Awaited, { event: string }>): string[] {
  const members = Object.entries(data).map(([key, value]) => `${json(key)}: ${json(value)}`);
  return [`"event": ${json(event)}`, ...members].map(quote);
}
