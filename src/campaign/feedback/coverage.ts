import { type Evidence, replyOf } from '../../judge/reading/evidence.ts';
import { readTrace } from '../../judge/reading/read-trace.ts';
import { isJobStart } from '../../model/job-start.ts';
import type { JobStatus } from '../../qemu/job-statuses.ts';
import type { QmpSchema } from '../../qmp/schema.ts';
import type { Json } from '../../sequence/step.ts';
import { type Observation, statusChange, type Trace } from '../../trace/observation.ts';
import { argumentValues } from './argument-values.ts';

/**
 * What runs have shown, as counts: each `status command outcome` seen, and what the figures at the end of a campaign are
 * made of. Adds up; two of them merge.
 */
export type Coverage = {
  /** `running job-pause ok`, `none job-pause GenericError`: the status of the job named, or of the jobs there are. */
  triples: Record<string, number>;
  events: Record<string, number>;
  /** `running paused`: how often a job went from the one status to the other; before the first it is `undefined`. */
  transitions: Record<string, number>;
  /** `ok blockdev-mirror sync=full`, `refused blockdev-mirror speed=below 0`: kinds of values that arguments had. */
  values: Record<string, number>;
  /** Commands of steps, and how many of them succeeded. */
  commands: number;
  accepted: number;
  sequences: number;
  /** Sequences in which no job began. */
  vacuous: number;
};

export const noCoverage = (): Coverage => ({
  triples: {},
  events: {},
  transitions: {},
  values: {},
  commands: 0,
  accepted: 0,
  sequences: 0,
  vacuous: 0,
});

/** `schema`: what the trace was judged by, so that it is read no second time. */
export function coverageOf(trace: Trace, schema?: QmpSchema): Coverage {
  const coverage = { ...noCoverage(), sequences: 1, vacuous: 1 };
  for (const evidence of evidencesOf(trace, schema)) {
    for (const { status, command, outcome, args } of answers(evidence)) {
      if (isKnown(evidence, command)) {
        count(coverage.triples, `${status} ${command} ${outcome}`);
        for (const value of argumentValues(command, args, evidence.schema))
          count(coverage.values, `${outcome === 'ok' ? 'ok' : 'refused'} ${command} ${value}`);
      }
      coverage.commands++;
      if (outcome === 'ok') coverage.accepted++;
    }
    const live = new Map<string, JobStatus>();
    for (const seen of evidence.trace) {
      if (seen.kind !== 'event') continue;
      count(coverage.events, seen.name);
      const change = statusChange(seen);
      if (!change) continue;
      coverage.vacuous = 0;
      const before = live.get(change.id) ?? 'undefined';
      // Of a job that was there before the trace its first change says nothing of where it came from.
      if (before !== 'undefined' || change.status === 'created')
        count(coverage.transitions, `${before} ${change.status}`);
      noteStatus(live, seen);
    }
  }
  return coverage;
}

/** Each QEMU of a trace in today's words, whatever dialect was spoken: a job that began is seen to begin. */
export const evidencesOf = (trace: Trace, schema?: QmpSchema): Evidence[] =>
  readTrace(trace, schema).flatMap(({ inOurWords }) => inOurWords?.evidence ?? []);

export function addCoverage(sum: Coverage, one: Coverage): void {
  for (const key of ['triples', 'events', 'transitions', 'values'] as const) {
    for (const [name, times] of Object.entries(one[key])) sum[key][name] = (sum[key][name] ?? 0) + times;
  }
  for (const key of ['commands', 'accepted', 'sequences', 'vacuous'] as const) sum[key] += one[key];
}

/** What a run did, for the contract's figures: QMP commands of set-up and settling too. */
export function countsOf(trace: Trace): { commands: number; guestWrites: number; faultsInjected: number } {
  const counts = { commands: 0, guestWrites: 0, faultsInjected: 0 };
  for (const seen of trace) {
    if (seen.kind === 'command') counts.commands++;
    if (seen.kind === 'guest-begin' && seen.op.op === 'write') counts.guestWrites++;
    if (seen.kind === 'fault' && seen.outcome === 'armed') counts.faultsInjected++;
  }
  return counts;
}

/** Misspelt names are without number, and one is as good as another. */
export const isKnown = ({ schema }: Evidence, command: string): boolean =>
  schema === undefined || schema.commands.has(command);

export type CommandAnswer = {
  status: string;
  command: string;
  args: { [name: string]: Json };
  outcome: string;
  desc?: string;
};

/** Every answered command of the steps, with the status that its job had by then. */
export function answers(evidence: Evidence): CommandAnswer[] {
  const found: CommandAnswer[] = [];
  const live = new Map<string, JobStatus>();
  for (const [at, seen] of evidence.trace.entries()) {
    noteStatus(live, seen);
    const exchange = seen.kind === 'reply' ? evidence.byReply.get(at) : undefined;
    if (exchange?.step === undefined) continue;
    const reply = replyOf(evidence, exchange);
    if (!reply) continue;
    const { name, args } = exchange;
    const named = args.id ?? args.device;
    const status =
      typeof named === 'string' && !isJobStart(name) && /job/.test(name)
        ? (live.get(named) ?? 'none')
        : statusesOf(live.values());
    found.push({
      status,
      command: name,
      args,
      outcome: reply.error ? reply.error.class : 'ok',
      ...(reply.error ? { desc: reply.error.desc } : {}),
    });
  }
  return found;
}

/** Keeps which jobs live, and where each stands. */
export function noteStatus(live: Map<string, JobStatus>, seen: Observation): void {
  const change = statusChange(seen);
  if (change?.status === 'null') live.delete(change.id);
  else if (change) live.set(change.id, change.status);
}

/** What a command that names no job is counted under: `paused+running`. */
export const statusesOf = (statuses: Iterable<JobStatus>): string =>
  [...new Set(statuses)].sort().join('+') || 'none';

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
