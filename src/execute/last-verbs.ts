import { type Observation, type Seen, statusChange } from '../trace/observation.ts';

/**
 * The last verb that each job was told and QEMU said yes to, in its life: pause, resume, complete or cancel, by job id;
 * none where somebody else may have told it another since.
 */
export function lastVerbs(trace: readonly Observation[]): ReadonlyMap<string, string> {
  const last = new Map<string, string>();
  const asked = new Map<string, { id: string; verb: string }>();
  for (const seen of trace) {
    if (seen.kind === 'command') {
      const [, verb] = /^(?:block-)?job-(pause|resume|complete|cancel)$/.exec(seen.name) ?? [];
      const id = seen.args.device ?? seen.args.id;
      if (verb !== undefined && typeof id === 'string') asked.set(JSON.stringify(seen.id), { id, verb });
    } else if (seen.kind === 'reply' && !seen.error) {
      const done = asked.get(JSON.stringify(seen.id));
      if (done) last.set(done.id, done.verb);
    } else if (isUnread(seen)) {
      last.clear();
    } else {
      const id = begunOrEnded(seen);
      if (id !== undefined) last.delete(id);
    }
  }
  return last;
}

/** A dialect without job statuses tells of the end alone; the next job may have the same id. */
function begunOrEnded(seen: Observation): string | undefined {
  if (seen.kind === 'event' && /^BLOCK_JOB_(COMPLETED|CANCELLED)$/.test(seen.name))
    return `${seen.data.device}`;
  const change = statusChange(seen);
  return change?.status === 'created' ? change.id : undefined;
}

/** What another monitor said, and what raw bytes may have. */
const isUnread = (seen: Seen): boolean =>
  (seen.kind === 'fault' && seen.fault.fault === 'monitor') || seen.kind === 'raw-sent';
