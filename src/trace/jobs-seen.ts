import type { JobStatus } from '../qemu/job-statuses.ts';
import { type Seen, statusChange } from './observation.ts';

/** The jobs as the event stream shows them; what `#0` and `await` are resolved against. */
export type JobsSeen = {
  note(seen: Seen): void;
  /** Ids of the jobs started and still known, in the order of their start. */
  known(): string[];
  job(id: string): JobSeen | undefined;
};

export type JobSeen = {
  id: string;
  status: JobStatus;
  /** Every status this job has had, in order. */
  history: JobStatus[];
  events: { name: string; data: Record<string, unknown> }[];
};

export function trackJobs(): JobsSeen {
  const live = new Map<string, JobSeen>();
  /** Jobs that ended; an id may be used again, then the newest counts. */
  const ended = new Map<string, JobSeen>();

  return {
    note(seen) {
      if (seen.kind !== 'event') return;
      const change = statusChange(seen);
      if (change) {
        const job = live.get(change.id) ?? begin(change.id);
        job.status = change.status;
        job.history.push(change.status);
        if (change.status === 'null') {
          live.delete(change.id);
          ended.set(change.id, job);
        }
        return;
      }
      const id = seen.data.device ?? seen.data.id;
      if (typeof id === 'string') live.get(id)?.events.push({ name: seen.name, data: seen.data });
    },
    known: () => [...live.keys()],
    job: (id) => live.get(id) ?? ended.get(id),
  };

  function begin(id: string): JobSeen {
    const job: JobSeen = { id, status: 'undefined', history: [], events: [] };
    live.set(id, job);
    ended.delete(id);
    return job;
  }
}
