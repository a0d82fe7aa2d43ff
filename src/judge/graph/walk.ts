import {
  activityUnknown,
  applyCommand,
  deviceGone,
  mayBe,
  migrates,
  wakes,
} from '../../model/graph/apply.ts';
import { entangle } from '../../model/graph/change.ts';
import { applyDriveAdd } from '../../model/graph/drive-add.ts';
import { exportGone } from '../../model/graph/exports.ts';
import { emptyGraph, type Graph, lookUp } from '../../model/graph/graph.ts';
import { jobNodes } from '../../model/graph/job-nodes.ts';
import { jobBegan, jobEnds, jobGone } from '../../model/graph/jobs.ts';
import { isJobStart, jobOptions } from '../../model/job-start.ts';
import { live } from '../../qemu/card.ts';
import { cardOf, jobOf } from '../../qemu/cards.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import { type Observation, statusChange } from '../../trace/observation.ts';
import { asPlace, opening, type Place } from '../../trace/place.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import { type JobHistory, jobsOf } from '../reading/job-histories.ts';
import { showsMigrationEnd } from '../reading/migration.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import { asStored } from '../validation/numbers.ts';
import type { Cause } from '../why-undecided.ts';
import { imagesOf } from './images.ts';
import { actionsOf } from './transactions.ts';

type Reply = Extract<Observation, { kind: 'reply' }>;

/** A reply, the command as a stored trace has it, and the jobs that it created. */
export type AnsweredCommand = {
  exchange: Exchange;
  reply: Reply;
  args: JsonObject;
  lives: readonly JobHistory[];
};

export type Onlooker = {
  answered(graph: Graph, answer: AnsweredCommand): void;
  waited(graph: Graph, seen: Extract<Observation, { kind: 'await' }>, at: Place): void;
};

/**
 * Goes through a trace with the graph in step, and shows each reply with the graph as the handler found it, and each
 * wait that ended. Stops where something happens that the model can't follow, and gives that; undefined where it came to
 * the end.
 */
export function walkGraph(evidence: Evidence, rule: Onlooker): Cause | undefined {
  const graph = emptyGraph(imagesOf(evidence.opened.sequence));
  const { either } = disturbancesOf(evidence);
  const startedBy = livesByStart(evidence);
  const end = Math.min(evidence.trace.length, either.from);
  for (let i = 1; i < end; i++) {
    const at = asPlace(i);
    const seen = evidence.trace[at] as Observation;
    noteMigration(evidence, graph, seen, at);
    if (seen.kind === 'event') noteEvent(evidence, graph, seen, at);
    if (seen.kind === 'await') rule.waited(graph, seen, at);
    if (seen.kind !== 'reply') continue;
    const exchange = evidence.byReply.get(at);
    if (!exchange || exchange.oob) continue;
    const args = asStored(exchange.args) as JsonObject;
    const lives = startedBy.get(exchange.sent) ?? [];
    rule.answered(graph, { exchange, reply: seen, args, lives });
    if (!follow(evidence, graph, { exchange, reply: seen, args, lives }))
      return { why: 'graph unknown', from: at };
  }
  return end === evidence.trace.length ? undefined : either;
}

/** Takes in what a reply tells has been done; false where the graph is not known from here on. */
function follow(
  evidence: Evidence,
  graph: Graph,
  { exchange: { name, reply: at = opening }, reply, args, lives }: AnsweredCommand,
): boolean {
  if (reply.error) {
    // It may have come half way, from node to node.
    if (name === 'blockdev-set-active') for (const node of graph.nodes.values()) activityUnknown(node);
    return true;
  }
  if (name === 'human-monitor-command') return followLine(graph, args, reply);
  noteVerb(graph, name, args);
  if (name === 'transaction') {
    return actionsOf(args).every(({ type, data }) => {
      const life = lives.find(({ id }) => id === (data['job-id'] ?? data.device));
      return followCommand(evidence, graph, type, data, at, life);
    });
  }
  return followCommand(evidence, graph, name, args, at, lives[0]);
}

function followCommand(
  evidence: Evidence,
  graph: Graph,
  name: string,
  args: JsonObject,
  at: Place,
  life: JobHistory | undefined,
): boolean {
  if (!isJobStart(name)) return name === 'abort' || applyCommand(graph, name, args, at);
  if (!life) return false;
  const nodes = jobNodes(graph, name, args);
  const type = jobOptions(name, args, life.id).type ?? name;
  const bitmap = typeof args.bitmap === 'string' ? args.bitmap : undefined;
  jobBegan(graph, { id: life.id, type, sure: true, nodes, bitmap, asked: new Set() });
  if (type === 'create') creates(graph, args.options, at);
  else if (!nodes && !notFollowed(graph, name, args, at)) return false;
  if (jobOf(name)?.changesHeaders) graph.images.clear();
  const target = graph.nodes.get(nodes?.target ?? '');
  if (target?.image && target.image.format !== target.driver) graph.images.clear();
  // It may be at its end by the time that its start is answered.
  for (const status of life.statuses) {
    if (status.at > at) break;
    noteStatus(evidence, graph, life.id, status.status, status.at);
  }
  return true;
}

/** What is created is opened by its options: a node that they name is the job's for a while that nobody tells of. */
function creates(graph: Graph, options: Json | undefined, at: Place): void {
  graph.images.clear();
  if (!isJsonObject(options)) return;
  for (const value of Object.values(options)) {
    if (isJsonObject(value)) creates(graph, value, at);
    else entangle(graph, lookUp(graph, value), at);
  }
}

/** Jobs whose target is a file name, or whose chain is told by file names: what they touch is unknown from here on. */
function notFollowed(graph: Graph, command: string, args: JsonObject, at: Place): boolean {
  const device = lookUp(graph, args.device);
  if (device === undefined) return false;
  graph.images.clear();
  const { nodes = {}, names = [] } = cardOf(command) ?? {};
  for (const each of Object.keys(nodes)) entangle(graph, lookUp(graph, args[each]), at);
  for (const each of names) mayBe(graph, args[each]);
  return true;
}

/** From `migrate` on nodes may be inactive, and from the `cont` after its end on they are not. */
function noteMigration(evidence: Evidence, graph: Graph, seen: Observation, at: Place): void {
  const { migration } = graph;
  if (seen.kind === 'command' && seen.name === 'migrate') migrates(graph, at);
  // What has come meanwhile may be taken, too.
  else if (migration.is === 'under way') migrates(graph, migration.since);
  if (migration.is === 'none') return;
  const exchange = seen.kind === 'reply' ? evidence.byReply.get(at) : undefined;
  if (migration.is === 'under way' && showsMigrationEnd(seen, exchange))
    graph.migration = { is: 'ended', at };
  if (seen.kind !== 'reply' || !exchange) return;
  const isTakenBack = migration.is === 'ended' && exchange.name === 'cont' && exchange.sent > migration.at;
  const hasNotBegun = migration.is === 'under way' && exchange.sent === migration.since;
  if (seen.error ? hasNotBegun : isTakenBack) wakes(graph);
}

function noteEvent(
  evidence: Evidence,
  graph: Graph,
  seen: Extract<Observation, { kind: 'event' }>,
  at: Place,
): void {
  const change = statusChange(seen);
  if (change) noteStatus(evidence, graph, change.id, change.status, at);
  if (seen.name === 'DEVICE_DELETED' && typeof seen.data.device === 'string')
    deviceGone(graph, seen.data.device, at);
  if (seen.name === 'BLOCK_EXPORT_DELETED' && typeof seen.data.id === 'string') {
    graph.vanished.set(`export ${seen.data.id}`, at);
    exportGone(graph, seen.data.id, at);
  }
}

function noteStatus(evidence: Evidence, graph: Graph, id: string, status: string, at: Place): void {
  const job = graph.jobs.get(id);
  if (!job) return;
  if (status === 'null') {
    graph.vanished.set(`job ${id}`, at);
    jobGone(graph, job, endingOf(evidence, id, at), at);
  } else if (!atWork.has(status)) jobEnds(graph, job, at);
  // One that stays until it is dismissed has changed the graph by now, and what follows works on the new one.
  const stays = jobsOf(evidence).lifeAt(id, at)?.options.autoDismiss === false;
  if (status === 'concluded' && stays && job.type !== 'backup')
    for (const name of [job.nodes?.device, ...(job.nodes?.held ?? [])]) entangle(graph, name, at);
}

const atWork: ReadonlySet<string> = new Set(live);

function endingOf(evidence: Evidence, id: string, at: Place): 'completed' | 'failed' | undefined {
  const entries = jobsOf(evidence).lifeAt(id, at)?.entries ?? [];
  const last = entries.findLast((entry) => entry.kind === 'event' && /COMPLETED|CANCELLED/.test(entry.name));
  if (last?.kind !== 'event') return undefined;
  return last.name === 'BLOCK_JOB_COMPLETED' && last.data.error === undefined ? 'completed' : 'failed';
}

/** Which way a job was asked to go. */
function noteVerb(graph: Graph, name: string, args: JsonObject): void {
  const verb = cardOf(name)?.verb;
  const job = verb && graph.jobs.get(String(args[verb.id]));
  if (verb?.does === 'finishes') job?.asked.add('complete');
  if (verb?.does === 'cancels') job?.asked.add('cancel');
}

function followLine(graph: Graph, args: JsonObject, reply: Reply): boolean {
  const line = args['command-line'];
  if (typeof line !== 'string') return false;
  if (/^(qemu-io|info)\b/.test(line)) return true;
  return typeof reply.return === 'string' && reply.return.trim() === 'OK' && applyDriveAdd(graph, line);
}

/** The jobs that each command created, by the place where it was sent. */
function livesByStart(evidence: Evidence): Map<number, JobHistory[]> {
  return Map.groupBy(
    jobsOf(evidence).lives.filter(({ startedBy }) => startedBy !== undefined),
    ({ startedBy }) => startedBy as number,
  );
}
