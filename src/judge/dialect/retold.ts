import { isJobStart } from '../../model/job-start.ts';
import { classesOfOld } from '../../qmp/dialect/failures.ts';
import type { Dialect } from '../../sequence/sequence.ts';
import type { Json } from '../../sequence/step.ts';
import type { Observation, Trace } from '../../trace/observation.ts';
import { opening, type Place } from '../../trace/place.ts';
import { type Evidence, type Exchange, gather, replyOf } from '../reading/evidence.ts';
import { inCurrentWords } from './current-words.ts';
import { imagesOfDevices } from './device-images.ts';
import { type Reworded, reopenInCurrentWords } from './reopen.ts';

export type Retold = {
  trace: Trace /** A place in this trace as one in what was seen. */;
  placeSeen(at: Place): Place;
};

/**
 * A trace that was seen by a client of another time, in the words that the rules know: commands and their refusals are
 * today's, and a job is created before it is first heard of and null when its last event is out. What lies between no
 * event told: there any status is possible that the job's events allow (hidden-statuses.ts).
 */
export function retell(trace: Trace): Retold {
  const [opened] = trace;
  const dialect = opened?.kind === 'opened' ? opened.sequence.dialect : undefined;
  const evidence = dialect && gather(trace);
  if (!dialect || !evidence) return { trace, placeSeen: (at) => at };
  return retellFrom(evidence, dialect);
}

function retellFrom(evidence: Evidence, dialect: Dialect): Retold {
  const retold: Observation[] = [];
  const places: Place[] = [];
  /** Starts on their way, and mirrors' targets, by device. */
  const starting = new Map<string, Start[]>();
  const live = new Map<string, Start>();
  const onImage = imagesOfDevices();
  const untold = new Set<Exchange>();
  const answers = new Map<Exchange, Json>();
  /** Commands told in front of the last one for an exchange: they took effect somewhere before it was answered. */
  const unanswered = new Map<Exchange, Json[]>();
  let at = opening;
  let us = 0;
  const add = (seen: object): void => {
    retold.push({ us, ...seen } as Observation);
    places.push(at);
  };

  for (const [place, seen] of evidence.trace.entries()) {
    [at, us] = [place, seen.us];
    const exchange = evidence.bySent.get(place) ?? evidence.byReply.get(place);
    if (seen.kind === 'command' && exchange) tellCommand(seen, exchange);
    else if (seen.kind === 'reply') tellReply(seen, exchange);
    else if (seen.kind === 'event' && seen.name.startsWith('BLOCK_JOB_')) tellEvent(seen);
    else add(seen);
  }
  return { trace: retold, placeSeen: (i) => places[i] ?? i };

  function tellCommand(seen: Command, exchange: Exchange): void {
    const spoken = seen.step !== undefined && !exchange.oob;
    const reply = replyOf(evidence, exchange);
    const { words, answer }: Reworded = spoken ? wordsOf(seen, reply, exchange.reply) : { words: [seen] };
    if (words.length === 0) untold.add(exchange);
    const last = words.length - 1;
    for (const [i, { name, args }] of words.entries()) {
      const id = i < last ? `${seen.id} ${i}` : seen.id;
      add({ ...seen, name, args, id });
      if (i < last) unanswered.set(exchange, [...(unanswered.get(exchange) ?? []), id]);
      if (isJobStart(name) && !reply?.error) expectStart(exchange, args);
    }
    if (answer !== undefined) answers.set(exchange, answer);
    onImage.note(seen, reply);
  }

  function wordsOf(seen: Command, reply: Reply | undefined, replyAt: number | undefined): Reworded {
    if (dialect !== 'rhel6' || seen.name !== '__com.redhat_drive-reopen')
      return { words: [inCurrentWords(dialect, seen)] };
    const device = `${seen.args.device}`;
    const job = live.get(device) ?? starting.get(device)?.at(-1);
    const ended = evidence.trace.slice(at, replyAt).some((each) => isEndOf(each, device));
    return reopenInCurrentWords({ args: seen.args, reply, job, image: onImage.of(device), ended });
  }

  function expectStart(exchange: Exchange, { 'job-id': id, device, target }: Record<string, Json>): void {
    if (typeof id !== 'string' || typeof device !== 'string') return;
    const start = { exchange, target: typeof target === 'string' ? target : undefined };
    starting.set(id, [...(starting.get(id) ?? []), start]);
  }

  function tellReply(seen: Reply, exchange: Exchange | undefined): void {
    for (const [id, starts] of starting) if (starts.some((start) => start.exchange === exchange)) begin(id);
    if (exchange && untold.has(exchange)) return;
    for (const id of (exchange && unanswered.get(exchange)) ?? []) add({ kind: 'reply', id, return: {} });
    const answer = exchange && answers.get(exchange);
    if (answer !== undefined) {
      const { error: _, ...rest } = seen;
      add({ ...rest, return: answer });
    } else if (seen.error && classesOfOld.has(seen.error.class) && exchange?.step !== undefined)
      add({ ...seen, error: { ...seen.error, class: 'GenericError' } });
    else add(seen);
  }

  function tellEvent(seen: Event): void {
    const id = `${seen.data.device}`;
    if (!live.has(id)) begin(id);
    add(seen);
    if (isEndOf(seen, id) && live.delete(id)) add(status(id, 'null'));
  }

  /** The oldest start that is on its way has had its effect by now. */
  function begin(id: string): void {
    const [start, ...others] = starting.get(id) ?? [];
    if (!start || live.has(id)) return;
    starting.set(id, others);
    live.set(id, start);
    add(status(id, 'created'));
  }
}

/** The last event of a device's job. */
export const isEndOf = (seen: Observation, device: unknown): boolean =>
  seen.kind === 'event' && /^BLOCK_JOB_(COMPLETED|CANCELLED)$/.test(seen.name) && seen.data.device === device;

type Command = Extract<Observation, { kind: 'command' }>;
type Reply = Extract<Observation, { kind: 'reply' }>;
type Event = Extract<Observation, { kind: 'event' }>;
type Start = { exchange: Exchange; target: string | undefined };

const status = (id: string, status: 'created' | 'null'): object => ({
  kind: 'event',
  name: 'JOB_STATUS_CHANGE',
  data: { id, status },
  qemuUs: -1,
});
