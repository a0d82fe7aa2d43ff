import type { Awaited } from '../../sequence/step.ts';
import { arrivedLines } from './destination.ts';
import { imageFile } from './images.ts';
import type { Action, Plan } from './plan.ts';
import { json, quote } from './shell.ts';
import { guestEndLines } from './step-guest.ts';
import { awaitStatus, isJobId } from './step-qmp.ts';

type AwaitAction = Extract<Action, { do: 'await' }>;

/** Reads on until what is awaited has come. `unanswered`: ids of the commands that nobody has waited for yet. */
export function awaitLines(action: AwaitAction, plan: Plan, unanswered: readonly string[]): string[] {
  const { step, job, waitMs } = action;
  const wanted: Awaited = step.await;
  const seconds = Math.ceil(waitMs / 1000);
  if (typeof wanted === 'object') {
    if ('event' in wanted) return [`await_that ${waitMs} heard ${eventTexts(wanted).join(' ')}`];
    const disk = plan.sequence.arena.disks.find(({ name }) => name === wanted.locked);
    return disk ? [`await_that ${waitMs} is_locked ${imageFile(disk)} ${disk.format}`] : [];
  }
  if (wanted === 'guest') return guestEndLines(plan);
  if (wanted === 'arrived') return arrivedLines(waitMs);
  if (wanted === 'exit') return [`ended ${seconds}`];
  if (wanted === 'reply') return unanswered.length === 0 ? [] : [`replied ${unanswered.join(' ')}`];
  if (!isJobId(job)) return []; // of a name that no job can have there is nothing to wait for
  // A message that is sure to come, and once only, can simply be waited for.
  const isSure = waitMs >= 10_000;
  switch (wanted) {
    case 'READY':
      return isSure
        ? [`await 10 '"BLOCK_JOB_READY", "data": {"device": "${job}"'`]
        : [`await_that ${waitMs} ready_or_over ${job}`];
    case 'gone':
      return isSure ? [awaitStatus(job, 'null')] : [`await_that ${waitMs} job_is ${job} null`];
    case 'offset=len':
      return [`await_that ${waitMs} copied ${job}`];
    default: {
      const had = isSure && onceReached.has(wanted);
      const condition = onceReached.has(wanted) ? 'job_was_or_over' : 'job_is_or_over';
      return had ? [awaitStatus(job, wanted)] : [`await_that ${waitMs} ${condition} ${job} ${wanted}`];
    }
  }
}

const onceReached = new Set<Awaited>(['waiting', 'pending', 'aborting', 'concluded', 'null']);

function eventTexts({ event, data = {} }: Extract<Awaited, { event: string }>): string[] {
  const members = Object.entries(data).map(([key, value]) => `${json(key)}: ${json(value)}`);
  return [`"event": ${json(event)}`, ...members].map(quote);
}
