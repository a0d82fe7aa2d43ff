import type { OwnNames } from '../findings/signature/names.ts';
import { plainWords } from '../findings/signature/words.ts';
import type { Seen } from '../trace/observation.ts';
import type { Aspect } from './aspect.ts';

type Event = Extract<Seen, { kind: 'event' }>;
type Command = Extract<Seen, { kind: 'command' }>;

/** The events of each job in their order, and the first of each other kind. */
export function openEvents(names: OwnNames, add: (aspect: Aspect) => void) {
  const jobs = new Map<string, Job>();
  return {
    command({ name, args }: Command): void {
      const id = args['job-id'] ?? args.device;
      if (typeof id === 'string' && !jobs.has(id)) jobs.set(id, newJob(typeByCommand(name), jobs.size));
    },
    hear(event: Event, step: number): void {
      const id = event.data.id ?? event.data.device;
      if (!/^(JOB_|BLOCK_JOB_)/.test(event.name) || typeof id !== 'string') {
        const value = plainWords(JSON.stringify(withoutFigures(event.data)), names);
        add({ key: `event ${event.name}`, what: 'events', subject: `first ${event.name}`, value, step });
        return;
      }
      const job = jobs.get(id) ?? newJob('job', jobs.size);
      jobs.set(id, job);
      follow(job, wordsOf(event, names), step);
    },
  };

  /**
   * Pauses are left out: a drain pauses a job at any moment, and where one version drains another may not (job.c). That
   * a pause was asked for shows in the reply.
   */
  function follow(job: Job, words: string, step: number): void {
    if (words === 'paused' || words === 'standby') {
      job.isPaused = true;
      return;
    }
    const isResumed = job.isPaused && words === job.status;
    job.isPaused = false;
    if (words === job.last || isResumed) return;
    if (!words.includes('_')) job.status = words;
    job.count++;
    add({
      key: `job ${job.number} event ${job.count}`,
      what: 'events',
      subject: `${job.type} job, after ${job.last}`,
      value: words,
      step,
    });
    job.last = words;
  }
}

type Job = { number: number; type: string; count: number; last: string; status?: string; isPaused: boolean };

const newJob = (type: string, number: number): Job => ({
  number,
  type,
  count: 0,
  last: 'its start',
  isPaused: false,
});

function wordsOf({ name, data }: Event, names: OwnNames): string {
  if (name === 'JOB_STATUS_CHANGE') return String(data.status);
  const error = typeof data.error === 'string' ? `: ${plainWords(data.error, names)}` : '';
  const action = typeof data.action === 'string' ? `: ${data.operation} ${data.action}` : '';
  return `${name}${error}${action}`;
}

const typeByCommand = (name: string): string =>
  /(mirror|backup|stream|commit|create)/.exec(name)?.[1] ?? 'job';

const withoutFigures = (data: Event['data']): Event['data'] =>
  Object.fromEntries(Object.entries(data).filter(([, value]) => typeof value !== 'number'));
