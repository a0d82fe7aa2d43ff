import { statusChange, type Trace } from '../../trace/observation.ts';
import type { Ended } from './plan.ts';

/** How the jobs that were left after the steps were ended: what was accepted of it, each thing once. */
export function endedIn(trace: Trace): Ended[] {
  const begun = trace.findIndex((seen) => seen.kind === 'phase' && seen.phase === 'settle');
  if (begun === -1) return [];
  const settling = trace.slice(begun);
  const refused = new Set(settling.flatMap((seen) => (seen.kind === 'reply' && seen.error ? [seen.id] : [])));
  const ended: Ended[] = [];
  const done = new Set<string>();
  for (const seen of settling) {
    if (seen.kind === 'phase' && seen.phase !== 'settle') break;
    if (seen.kind !== 'command' || !/^(block-)?job-/.test(seen.name) || refused.has(seen.id)) continue;
    const { name, args } = seen;
    if (done.has(JSON.stringify([name, args]))) continue;
    done.add(JSON.stringify([name, args]));
    if (name === 'job-dismiss') ended.push({ job: `${args.id}`, reaches: 'concluded' });
    ended.push({ name, args });
  }
  if (settling.at(-1)?.kind === 'exit' && ended.length === 0) return []; // it has died before
  return [...ended, ...jobsAt(trace.slice(0, begun)).map((job) => ({ job, reaches: 'null' }) as const)];
}

/** Those that are not over by then. */
function jobsAt(trace: Trace): string[] {
  const statuses = new Map<string, string>();
  for (const seen of trace) {
    const change = statusChange(seen);
    if (change) statuses.set(change.id, change.status);
  }
  return [...statuses].flatMap(([id, status]) => (status === 'null' ? [] : [id]));
}
