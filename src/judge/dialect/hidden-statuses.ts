import type { StatusOrAbsent } from '../../model/job-machine.ts';
import { nowhere, opening, type Place } from '../../trace/place.ts';
import type { JobHistory } from '../reading/job-histories.ts';

/**
 * What a handler that ran after `after` and before `before` may have found, where no event tells statuses: before READY
 * a job runs or is paused, from then on it is ready or in standby. Just before its end a handler of 5.2 that had to wait
 * for the job's AioContext finds it waiting or pending, or aborting. Others none finds: nothing of that time is
 * finalized or dismissed by hand, nor ends in groups.
 */
export function foundByEvents(lives: readonly JobHistory[], after: Place, before: Place): StatusOrAbsent[] {
  const found = new Set<StatusOrAbsent>();
  let coversAfter = false;
  for (const { entries, statuses, options } of lives) {
    const begin = statuses[0]?.at ?? entries[0]?.at ?? opening;
    const last = statuses.at(-1);
    const end = last?.status === 'null' ? last.at : nowhere;
    if (begin >= before || end <= after) continue;
    const ready =
      entries.find((entry) => entry.kind === 'event' && entry.name === 'BLOCK_JOB_READY')?.at ?? nowhere;
    if (begin <= after) coversAfter = true;
    if (Math.min(ready, end) > after) for (const status of ['running', 'paused'] as const) found.add(status);
    if (ready < before) for (const status of ['ready', 'standby'] as const) found.add(status);
    const next = entries.find((entry) => entry.kind === 'event' && entry.at > after && entry.at !== ready);
    const mayEnd = options.type !== 'mirror' || ready <= after; // a mirror does not end well before it is ready
    // One that is READY can be cancelled softly, and then it is not aborted: how that ends is for other rules.
    if (ready >= before && next?.kind === 'event' && next.name === 'BLOCK_JOB_CANCELLED')
      found.add('aborting');
    if (mayEnd && next?.kind === 'event' && next.name === 'BLOCK_JOB_COMPLETED')
      for (const status of ['waiting', 'pending'] as const) found.add(status);
    if (end < before) found.add('absent');
  }
  if (!coversAfter) found.add('absent');
  return [...found];
}
