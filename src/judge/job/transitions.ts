import { transitions } from '../../model/job-machine.ts';
import type { JobStatus } from '../../qemu/job-statuses.ts';
import type { OddJob, OrderFact } from '../facts/order.ts';
import type { Ledger } from '../ledger.ts';
import {
  hidesStatuses,
  isBlockJob,
  type JobEntry,
  type JobHistory,
  jobsOf,
  who,
} from '../reading/job-histories.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';

const transition: Rule = {
  name: 'state/transition',
  kind: 'state',
  statement: 'A job goes from one status to another only where job.c allows it, and each step is announced.',
  source:
    'qapi/job.json (QEMU 10.0), JOB_STATUS_CHANGE: "Emitted when a job transitions to a different status."; job.c, JobSTT; every transition and no other seen on all versions',
};
const readyEvent: Rule = {
  name: 'state/ready-announced',
  kind: 'state',
  statement: 'Getting ready for the first time is announced by BLOCK_JOB_READY, at once and only once.',
  source:
    'qapi/block-core.json (QEMU 10.0), BLOCK_JOB_READY: "Emitted when a block job is ready to complete"; blockjob.c, block_job_event_ready; the order of events was the same in every recorded run',
};
const endingEvent: Rule = {
  name: 'state/end-announced',
  kind: 'state',
  statement:
    'A block job that ran ends with exactly one BLOCK_JOB_COMPLETED (when pending or aborting) or BLOCK_JOB_CANCELLED (when aborting), just before it is concluded; one that never ran, with none.',
  source:
    'qapi/block-core.json (QEMU 10.0), BLOCK_JOB_COMPLETED: "Emitted when a block job has completed"; job.c, job_finalize_single',
};
const pendingEvent: Rule = {
  name: 'state/pending-announced',
  kind: 'state',
  statement:
    'BLOCK_JOB_PENDING comes with the status pending of a job with auto-finalize false, and of no other.',
  source:
    'qapi/block-core.json (QEMU 10.0), BLOCK_JOB_PENDING: "Emitted when a block job is awaiting explicit authorization to finalize graph changes via @block-job-finalize."; job.c, job_transition_to_pending',
};
const afterNull: Rule = {
  name: 'state/nothing-after-null',
  kind: 'state',
  statement: 'Nothing is heard of a job that is null.',
  source:
    'qapi/job.json (QEMU 10.0), JobStatus: "The job is in the process of being dismantled."; nothing followed in any recorded run',
};

/** The order of a job's own events, which nothing may change: only replies and other jobs float between them. */
export const stateTransitions: RuleFamily = {
  rules: [transition, readyEvent, endingEvent, pendingEvent, afterNull],
  judge(evidence, ledger) {
    const judgeOne = hidesStatuses(evidence) ? judgeEventsOnly : judgeLife;
    return jobsOf(evidence).lives.flatMap((life) => judgeOne(life, ledger));
  },
};

function judgeLife(life: JobHistory, ledger: Ledger): Violation[] {
  const found: Violation[] = [];
  const broken = new Set<Rule>();
  let changes = 0;
  const report = (rule: Rule, { at }: JobEntry, what: Order): void => {
    broken.add(rule);
    found.push({ rule, at, facts: { shape: 'order', ...who(life), ...what } });
  };
  let status: JobStatus = 'undefined';
  let ran = false;
  let readyOnce = false;
  for (const [i, entry] of life.entries.entries()) {
    const next = life.entries[i + 1];
    if (status === 'null') {
      report(afterNull, entry, { is: 'after null', came: describe(entry) });
      break;
    }
    if (entry.kind === 'event') {
      eventInPlace(entry, life.entries[i - 1], next);
      continue;
    }
    if (transitions[status].includes(entry.status)) changes++;
    else report(transition, entry, { is: 'change', from: status, to: entry.status });
    const cameFrom = status;
    status = entry.status;
    ran ||= !['created', 'aborting', 'concluded'].includes(status);
    if (status === 'ready' && cameFrom === 'running') {
      const announced = next?.kind === 'event' && next.name === 'BLOCK_JOB_READY';
      if (!next) ledger.undecided(readyEvent, 'trace ends');
      if (!announced && next)
        report(readyEvent, next, { is: 'then', was: 'ready', came: describe(next), due: 'BLOCK_JOB_READY' });
    }
    if (status === 'pending' && (!next || !isBlockJob(life))) {
      if (life.options.type === undefined) ledger.undecided(pendingEvent, 'start unseen');
      else if (!next) ledger.undecided(pendingEvent, 'trace ends');
    } else if (status === 'pending' && next) {
      const announced = next.kind === 'event' && next.name === 'BLOCK_JOB_PENDING';
      const { autoFinalize } = life.options;
      if (autoFinalize === false && !announced)
        report(pendingEvent, next, {
          is: 'then',
          was: 'pending',
          came: describe(next),
          due: 'BLOCK_JOB_PENDING',
        });
      if (autoFinalize === true && announced)
        report(pendingEvent, next, oddly('BLOCK_JOB_PENDING', 'finalizes by itself'));
      if (autoFinalize === undefined) ledger.undecided(pendingEvent, 'start unseen');
      else if (autoFinalize !== announced) ledger.held(pendingEvent);
    }
    if (status === 'concluded' && life.options.type === undefined)
      ledger.undecided(endingEvent, 'start unseen');
    else if (status === 'concluded' && isBlockJob(life)) {
      const before = life.entries[i - 1];
      const ended = before?.kind === 'event' && isEnding(before.name);
      if (ran && !ended) report(endingEvent, entry, { is: 'no ending event' });
      else if (ran === ended && !broken.has(endingEvent)) ledger.held(endingEvent);
    }
  }
  ledger.held(transition, changes);
  if (status === 'null' && !broken.has(afterNull)) ledger.held(afterNull);
  return found;

  function eventInPlace(
    entry: JobEntry & { kind: 'event' },
    before: JobEntry | undefined,
    next: JobEntry | undefined,
  ): void {
    if (entry.name === 'BLOCK_JOB_READY') {
      const inPlace = before?.kind === 'status' && before.status === 'ready';
      if (!inPlace || readyOnce)
        report(
          readyEvent,
          entry,
          readyOnce ? { is: 'twice', event: entry.name } : oddly(entry.name, { not: 'ready' }),
        );
      else ledger.held(readyEvent);
      readyOnce = true;
    }
    if (entry.name === 'BLOCK_JOB_PENDING' && !(before?.kind === 'status' && before.status === 'pending')) {
      report(pendingEvent, entry, oddly(entry.name, { not: 'pending' }));
    }
    if (!isEnding(entry.name)) return;
    const aborted = status === 'aborting';
    if (!aborted && !(status === 'pending' && entry.name === 'BLOCK_JOB_COMPLETED')) {
      report(endingEvent, entry, oddly(entry.name, { status }));
    } else if (!ran) {
      report(endingEvent, entry, oddly(entry.name, 'never ran'));
    }
    if (next && !(next.kind === 'status' && next.status === 'concluded')) {
      report(endingEvent, next, { is: 'then', was: entry.name, came: describe(next), due: 'concluded' });
    }
  }
}

/** Where statuses are not told, what is left is that READY comes once, and nothing after the end. */
function judgeEventsOnly(life: JobHistory, ledger: Ledger): Violation[] {
  const { entries } = life;
  for (const rule of [transition, endingEvent, pendingEvent]) ledger.undecided(rule, 'dialect');
  const order = { shape: 'order', ...who(life) } as const;
  const found: Violation[] = [];
  let wasReady = false;
  let over = false;
  for (const entry of entries) {
    const ready = entry.kind === 'event' && entry.name === 'BLOCK_JOB_READY';
    if (over)
      return [
        ...found,
        { rule: afterNull, at: entry.at, facts: { ...order, is: 'after null', came: describe(entry) } },
      ];
    if (ready && wasReady)
      found.push({ rule: readyEvent, at: entry.at, facts: { ...order, is: 'twice', event: entry.name } });
    else if (ready) ledger.held(readyEvent);
    wasReady ||= ready;
    over = entry.kind === 'status' && entry.status === 'null';
  }
  if (over) ledger.held(afterNull);
  return found;
}

export const isEnding = (name: string): boolean =>
  name === 'BLOCK_JOB_COMPLETED' || name === 'BLOCK_JOB_CANCELLED';

type Order<T = OrderFact> = T extends OrderFact ? Omit<T, 'shape' | 'job' | 'type'> : never;

const oddly = (event: string, of: OddJob): Order => ({ is: 'out of place', event, of });

const describe = (entry: JobEntry): string => (entry.kind === 'status' ? entry.status : entry.name);
