import type { StatusOrAbsent } from '../../model/job-machine.ts';
import {
  isBlockJobType,
  isJobStart,
  type JobOptions,
  jobOptions,
  unknownOptions,
} from '../../model/job-start.ts';
import type { JobStatus } from '../../qemu/job-statuses.ts';
import type { Json } from '../../sequence/step.ts';
import { statusChange } from '../../trace/observation.ts';
import { opening, type Place } from '../../trace/place.ts';
import { foundByEvents } from '../dialect/hidden-statuses.ts';
import type { Evidence, Exchange } from './evidence.ts';
import { lastBefore } from './trace-search.ts';

/** One life of one job, from `created` to `null`, as the event stream tells it. */
export type JobHistory = {
  id: string;
  options: JobOptions;
  /** Place of the command that started it, where that was seen. */
  startedBy: Place | undefined;
  /** Everything about this job, in order. */
  entries: JobEntry[];
  statuses: StatusEntry[];
};

export type StatusEntry = { at: Place; kind: 'status'; status: JobStatus };

export type EventEntry = { at: Place; kind: 'event'; name: string; data: Record<string, Json> };

export type JobEntry = StatusEntry | EventEntry;

export type Jobs = {
  /** Every life, in the order of their beginnings; an id may have several. */
  lives: readonly JobHistory[];
  /** Those that exist at a place; to be asked with rising places. */
  existingAt(at: Place): readonly JobHistory[];
  /** What a handler that ran after `after` and before `before` may have found under an id. */
  foundWithin(id: string, after: Place, before: Place): StatusOrAbsent[];
  /** The life of an id that was under way, or the last one over, at a place in the trace. */
  lifeAt(id: string, at: Place): JobHistory | undefined;
};

const said = new WeakMap<JobHistory, Map<string, EventEntry[]>>();

/** What a job says of itself beside its statuses: BLOCK_JOB_READY, BLOCK_JOB_ERROR, …; in order. */
export function eventsNamed(life: JobHistory, name: string): readonly EventEntry[] {
  const byName = said.get(life) ?? Map.groupBy(life.entries.filter(isEvent), (entry) => entry.name);
  said.set(life, byName);
  return byName.get(name) ?? [];
}

const isEvent = (entry: JobEntry): entry is EventEntry => entry.kind === 'event';

/** Whether a request of the job failed: what is still to be copied may fail, too, and a job that was to end may end there. */
export const metError = (life: JobHistory): boolean => eventsNamed(life, 'BLOCK_JOB_ERROR').length > 0;

/** The errors that stopped a job. */
export const stopsOf = (life: JobHistory): EventEntry[] =>
  eventsNamed(life, 'BLOCK_JOB_ERROR').filter(({ data }) => data.action === 'stop');

/** Known to be one: an unseen start may be that of any job. */
export const isBlockJob = ({ options: { type } }: JobHistory): boolean =>
  type !== undefined && isBlockJobType(type);

/** The client spoke a dialect without JOB_STATUS_CHANGE: of a job's statuses only the first and the last are known. */
export const hidesStatuses = ({ opened }: Evidence): boolean => opened.sequence.dialect !== undefined;

const histories = new WeakMap<Evidence, Jobs>();

/** Built once for each trace, however many rules read it. */
export function jobsOf(evidence: Evidence): Jobs {
  const known = histories.get(evidence);
  if (known) return known;
  const jobs = readJobs(evidence);
  histories.set(evidence, jobs);
  return jobs;
}

function readJobs(evidence: Evidence): Jobs {
  const lives: JobHistory[] = [];
  const byId = new Map<string, { lives: JobHistory[]; statuses: StatusEntry[] }>();
  const handling = handlerWalk(evidence);

  for (const [at, seen] of evidence.trace.entries()) {
    if (seen.kind !== 'event') continue;
    const change = statusChange(seen);
    if (change) {
      const last = lastLife(change.id);
      // An id is free again only when its job is null: anything else that is created under it is no new life.
      const over = change.status === 'created' && last?.statuses.at(-1)?.status === 'null';
      const life = last && !over ? last : begin(change.id, at);
      const entry = { at, kind: 'status' as const, status: change.status };
      life.entries.push(entry);
      life.statuses.push(entry);
      byId.get(change.id)?.statuses.push(entry);
    } else if (seen.name.startsWith('BLOCK_JOB_')) {
      const id = seen.data.device ?? seen.data.id;
      if (typeof id !== 'string') continue;
      (lastLife(id) ?? begin(id, at)).entries.push({ at, kind: 'event', name: seen.name, data: seen.data });
    }
  }
  return { lives, existingAt: existenceWalk(lives), foundWithin, lifeAt };

  function begin(id: string, at: Place): JobHistory {
    const starter = handling(at);
    const options = starter ? jobOptions(starter.name, starter.args, id) : unknownOptions;
    const life: JobHistory = { id, options, startedBy: starter?.sent, entries: [], statuses: [] };
    lives.push(life);
    const same = byId.get(id);
    if (same) same.lives.push(life);
    else byId.set(id, { lives: [life], statuses: [] });
    return life;
  }

  function lastLife(id: string): JobHistory | undefined {
    return byId.get(id)?.lives.at(-1);
  }

  function lifeAt(id: string, at: Place): JobHistory | undefined {
    const same = byId.get(id)?.lives ?? [];
    return same[lastBefore(same, at + 1, beginOf)];
  }

  function foundWithin(id: string, after: Place, before: Place): StatusOrAbsent[] {
    if (hidesStatuses(evidence)) return foundByEvents(byId.get(id)?.lives ?? [], after, before);
    const found = new Set<StatusOrAbsent>();
    // From the end back to the status at `after`: what lies before it is of no interest.
    const statuses = byId.get(id)?.statuses ?? [];
    for (let i = lastBefore(statuses, before, ({ at }) => at); i >= 0; i--) {
      const { at, status } = statuses[i] as StatusEntry;
      found.add(status === 'null' ? 'absent' : status);
      if (at <= after) return [...found];
    }
    return [...found.add('absent')];
  }
}

const beginOf = ({ entries }: JobHistory): number => entries[0]?.at ?? opening;

function existenceWalk(lives: readonly JobHistory[]): (at: Place) => readonly JobHistory[] {
  let next = 0;
  let existing: JobHistory[] = [];
  return (at) => {
    for (let life = lives[next]; life && beginOf(life) < at; life = lives[++next]) existing.push(life);
    existing = existing.filter(({ statuses }) => {
      const last = statuses.at(-1);
      return last?.status !== 'null' || last.at > at;
    });
    return existing;
  };
}

/**
 * Which command was being handled at a place in the trace, to be asked with rising places: the first one sent and not
 * yet answered, if it can have created a job.
 */
function handlerWalk({ exchanges }: Evidence): (at: Place) => Exchange | undefined {
  let next = 0;
  return (at) => {
    for (;;) {
      const exchange = exchanges[next];
      if (!exchange || exchange.sent > at) return undefined;
      // No command that starts a job may be sent out of band.
      if (exchange.oob || (exchange.reply !== undefined && exchange.reply < at)) {
        next++;
        continue;
      }
      return isJobStart(exchange.name) || exchange.name === 'transaction' ? exchange : undefined;
    }
  };
}

/** As facts name a job: its id, and what tells one kind of defect from another. */
export const who = ({ id, options: { type } }: JobHistory): { job: string; type: string | undefined } => ({
  job: id,
  type,
});
