import type { Found } from '../model/job-machine.ts';
import { isJobStart, type JobOptions, jobOptions, unknownOptions } from '../model/job-start.ts';
import type { JobStatus, Json } from '../sequence/step.ts';
import { statusChange } from '../trace/observation.ts';
import type { Evidence, Exchange } from './evidence.ts';

/** One life of one job, from `created` to `null`, as the event stream tells it. */
export type JobHistory = {
  id: string;
  options: JobOptions;
  /** Place of the command that started it, where that was seen. */
  startedBy: number | undefined;
  /** Everything about this job, in order. */
  entries: JobEntry[];
  statuses: StatusEntry[];
};

export type StatusEntry = { at: number; kind: 'status'; status: JobStatus };

export type JobEntry = StatusEntry | { at: number; kind: 'event'; name: string; data: Record<string, Json> };

export type Jobs = {
  /** Every life, in the order of their beginnings; an id may have several. */
  lives: readonly JobHistory[];
  /** What a handler that ran after `after` and before `before` may have found under an id. */
  foundWithin(id: string, after: number, before: number): Found[];
  /** The life of an id that was under way, or the last one over, at a place in the trace. */
  lifeAt(id: string, at: number): JobHistory | undefined;
};

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
  const byId = new Map<string, JobHistory[]>();
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
    } else if (seen.name.startsWith('BLOCK_JOB_')) {
      const id = seen.data.device ?? seen.data.id;
      if (typeof id !== 'string') continue;
      (lastLife(id) ?? begin(id, at)).entries.push({ at, kind: 'event', name: seen.name, data: seen.data });
    }
  }
  return { lives, foundWithin, lifeAt };

  function begin(id: string, at: number): JobHistory {
    const starter = handling(at);
    const options = starter ? jobOptions(starter.name, starter.args, id) : unknownOptions;
    const life: JobHistory = { id, options, startedBy: starter?.sent, entries: [], statuses: [] };
    lives.push(life);
    const same = byId.get(id);
    if (same) same.push(life);
    else byId.set(id, [life]);
    return life;
  }

  function lastLife(id: string): JobHistory | undefined {
    return byId.get(id)?.at(-1);
  }

  function lifeAt(id: string, at: number): JobHistory | undefined {
    return byId.get(id)?.findLast(({ entries }) => (entries[0]?.at ?? 0) <= at);
  }

  function foundWithin(id: string, after: number, before: number): Found[] {
    const found = new Set<Found>();
    // From the end back to the status at `after`: what lies before it is of no interest.
    for (const { statuses } of (byId.get(id) ?? []).toReversed()) {
      for (let i = statuses.length - 1; i >= 0; i--) {
        const { at, status } = statuses[i] as StatusEntry;
        if (at >= before) continue;
        found.add(status === 'null' ? 'absent' : status);
        if (at <= after) return [...found];
      }
    }
    return [...found.add('absent')];
  }
}

/**
 * Which command was being handled at a place in the trace, to be asked with rising places: the first one sent and not
 * yet answered, if it can have created a job.
 */
function handlerWalk({ exchanges }: Evidence): (at: number) => Exchange | undefined {
  let next = 0;
  return (at) => {
    for (;;) {
      const exchange = exchanges[next];
      if (!exchange || exchange.sent > at) return undefined;
      if (exchange.reply !== undefined && exchange.reply < at) {
        next++;
        continue;
      }
      return isJobStart(exchange.name) || exchange.name === 'transaction' ? exchange : undefined;
    }
  };
}
