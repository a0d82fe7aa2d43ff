import type { GuestChange } from '../../model/content/guest-history.ts';
import type { DiskOfGuest, JobEnding, PastJob } from '../../model/content/image-graph.ts';
import { chainOf } from '../../model/content/image-lookups.ts';
import { jobOptions } from '../../model/job-start.ts';
import { cardOf } from '../../qemu/cards.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import type { Origin } from '../../trace/content-run.ts';
import { nowhere, type Place } from '../../trace/place.ts';
import type { ContentCause, CopyJob, Lost } from '../facts/content-cause.ts';
import { type Evidence, replyOf } from '../reading/evidence.ts';
import { eventsNamed, type JobHistory, jobsOf } from '../reading/job-histories.ts';
import type { ImageStory } from './image-story.ts';
import type { ContentMismatch } from './mismatch.ts';

/** Where wrong content was found: an image, the guest's disk on it, and the place in the trace. */
export type Where = { file: string; disk: DiskOfGuest | undefined; at: Place; untouched?: boolean };

/** What a trace tells of the cause of the first range that is wrong. */
export function causeOf(
  evidence: Evidence,
  story: ImageStory,
  where: Where,
  wrong: readonly ContentMismatch[],
): ContentCause {
  const [first] = wrong;
  const past = jobBehind(story, where);
  const life = past && lifeOf(evidence, past);
  const start = past && startOf(evidence, past);
  return {
    ...(past ? { job: copyJob(past, start, life, where, evidence) } : {}),
    ...(story.qemu.clean ? {} : { killed: true }),
    ...(where.untouched ? { untouched: true } : {}),
    lost: first
      ? lostIn(evidence, story, where, first, { past, life, start })
      : { found: 'foreign', due: 'before' },
  };
}

/**
 * A job that failed and has moved the guest all the same; else the one that has written the image, or what lies below
 * it; else the last that copied from it.
 */
function jobBehind({ graph }: ImageStory, { file, disk, at, untouched }: Where): PastJob | undefined {
  const before = graph.past.filter(({ sent }) => sent < at);
  const lay = new Set([
    file,
    ...(disk?.lay ?? []).filter(({ since }) => since < at).map((each) => each.file),
  ]);
  const last = before.findLast(({ reads, writes }) => lay.has(reads ?? '') || lay.has(writes));
  if (disk && last?.ended?.how.how === 'failed' && last.ended.at < at) return last;
  const chain = chainOf(graph, file, 'backing');
  const writer = untouched
    ? undefined
    : chain.flatMap((each) => before.findLast(({ writes }) => writes === each) ?? [])[0];
  const reader = before.findLast(
    ({ reads }) => reads !== undefined && chainOf(graph, reads, 'backing').includes(file),
  );
  return writer ?? reader ?? (untouched ? before.at(-1) : undefined);
}

const lifeOf = (evidence: Evidence, { sent, id }: PastJob): JobHistory | undefined =>
  jobsOf(evidence).lives.find((life) => life.startedBy === sent && life.id === id);

type Start = { name: string; args: JsonObject };

/** The command that started it, or the action of a transaction. */
function startOf({ bySent }: Evidence, { sent, id }: PastJob): Start | undefined {
  const exchange = bySent.get(sent);
  if (exchange?.name !== 'transaction') return exchange;
  const actions = Array.isArray(exchange.args.actions) ? exchange.args.actions.filter(isJsonObject) : [];
  for (const { type, data } of actions)
    if (isJsonObject(data) && `${data['job-id'] ?? data.device}` === id)
      return { name: `${type}`, args: data };
  return undefined;
}

function copyJob(
  past: PastJob,
  start: Start | undefined,
  life: JobHistory | undefined,
  { file, disk, at }: Where,
  evidence: Evidence,
): CopyJob {
  const { id, ended, reads } = past;
  const args = start?.args ?? {};
  const type = (start && jobOptions(start.name, args, id).type) ?? 'job';
  const isActive = type === 'commit' && life !== undefined && eventsNamed(life, 'BLOCK_JOB_READY').length > 0;
  const error = life && eventsNamed(life, 'BLOCK_JOB_ERROR').at(-1)?.data;
  const copies = reads === file || reads === disk?.top ? 'from it' : 'to it';
  return {
    type: isActive ? 'active commit' : type,
    copies,
    writeBlocking: isWriteBlocking(args) || becameWriteBlocking(evidence, past, at),
    ...(typeof args.sync === 'string' ? { sync: args.sync === 'full' ? 'full' : 'part' } : {}),
    ended: ended && ended.at <= at ? endedAs(ended.how) : 'not',
    ...(error ? { error: { operation: `${error.operation}`, action: `${error.action}` } } : {}),
  };
}

const isWriteBlocking = (args: JsonObject): boolean => args['copy-mode'] === 'write-blocking';

/** By a block-job-change that was accepted while it ran. */
function becameWriteBlocking(evidence: Evidence, { id, sent }: PastJob, before: Place): boolean {
  return evidence.exchanges.some((each) => {
    if (each.name !== 'block-job-change' || each.args.id !== id || !isWriteBlocking(each.args)) return false;
    return each.sent > sent && each.sent < before && replyOf(evidence, each)?.return !== undefined;
  });
}

function endedAs(how: JobEnding): CopyJob['ended'] {
  if (how.how === 'cancelled softly') return 'cancelled';
  return how.how === 'cut' ? cutBy[how.by] : how.how;
}

const cutBy = { quit: 'by quit', force: 'by force', kill: 'with QEMU' } as const;

type Behind = { past: PastJob | undefined; life: JobHistory | undefined; start: Start | undefined };

function lostIn(
  evidence: Evidence,
  story: ImageStory,
  where: Where,
  wrong: ContentMismatch,
  behind: Behind,
): Lost {
  const changes = [...story.guest.values()].flatMap((disk) => disk.changes);
  const requests = [...wrong.expected].map((origin) => requestFor(origin, changes, wrong));
  // Of several that may be there, what was there first is lost for sure.
  const [request] = requests.includes(undefined)
    ? []
    : requests.flatMap((each) => each ?? []).sort((a, b) => a.begin - b.begin);
  const due = request ? phaseOf(request, behind) : 'before';
  const found = foundAs(wrong, request, changes);
  const near = due === 'before' && found === 'older' ? nearRequest(wrong, changes, behind) : undefined;
  const inFlightAt = request && changedInFlight(evidence, request, story);
  return {
    found,
    due,
    ...(request && due !== 'before' ? { request: request.kind } : {}),
    ...(near ? { near } : {}),
    ...(due === 'before' && isInOddEnd(wrong, story, where, behind) ? { inOddEnd: true } : {}),
    ...(inFlightAt ? { inFlightAt } : {}),
  };
}

/** The guest's request that has left such content there; undefined: what was there before the steps. */
function requestFor(
  origin: Origin,
  changes: readonly GuestChange[],
  { from, to }: ContentMismatch,
): GuestChange | undefined {
  const [stamp] = origin.split('@');
  return changes.findLast(
    (change) =>
      change.origin === stamp && change.offsetBytes < to && change.offsetBytes + change.lengthBytes > from,
  );
}

function foundAs(
  wrong: ContentMismatch,
  due: GuestChange | undefined,
  changes: readonly GuestChange[],
): Lost['found'] {
  const { found } = wrong;
  if (found.includes('@')) return 'misplaced';
  if (found.startsWith('unknown:') || found === 'boot') return 'foreign';
  const request = found === 'zero' ? undefined : requestFor(found, changes, wrong);
  if (!request) return 'older';
  return due === undefined || request.begin > due.begin ? 'newer' : 'older';
}

function phaseOf({ begin }: GuestChange, { past, life }: Behind): Lost['due'] {
  if (!past) return 'meanwhile';
  if (begin < past.sent) return 'before';
  if (past.ended && begin > past.ended.at) return 'after';
  const waits = life?.options.autoFinalize === false;
  const pending = waits ? life.statuses.find(({ status }) => status === 'pending')?.at : undefined;
  return pending !== undefined && begin > pending ? 'while pending' : 'meanwhile';
}

/** qcow2's default, and the largest default grain of a mirror. */
const clusterBytes = 65_536;

/** Every cluster of it has been changed since the job began, in whole or in part. */
function nearRequest(
  { from, to }: ContentMismatch,
  changes: readonly GuestChange[],
  { past }: Behind,
): Lost['near'] {
  if (!past) return undefined;
  const since = changes.filter(({ begin }) => begin > past.sent);
  const isTouched = (begin: number, end: number): boolean =>
    since.some(({ offsetBytes, lengthBytes }) => offsetBytes < end && offsetBytes + lengthBytes > begin);
  if (isTouched(from, to)) return 'under a request';
  for (let at = from - (from % clusterBytes); at < to; at += clusterBytes)
    if (!isTouched(at, at + clusterBytes)) return undefined;
  return 'beside a request';
}

function isInOddEnd(
  { from }: ContentMismatch,
  { graph }: ImageStory,
  { file }: Where,
  { start }: Behind,
): boolean {
  const sizeBytes = graph.images.get(file)?.sizeBytes ?? 0;
  const granularity = start?.args.granularity;
  const grainBytes = typeof granularity === 'number' && granularity > 0 ? granularity : clusterBytes;
  return sizeBytes % grainBytes !== 0 && from >= sizeBytes - (sizeBytes % grainBytes);
}

/** A command that put other nodes above or below the disk was at work while the request was in flight. */
function changedInFlight(
  { exchanges }: Evidence,
  { begin, end, origin, request }: GuestChange,
  { guest }: ImageStory,
): Lost['inFlightAt'] {
  const [disk] =
    [...guest].find(([, { changes }]) =>
      changes.some((each) => each.request === request && each.origin === origin),
    ) ?? [];
  for (const { name, args, sent, reply } of exchanges) {
    if (sent > end || (reply ?? nowhere) < begin) continue;
    const what = changeBy(name, args);
    if (what && disk !== undefined && mentions(args, disk)) return what;
  }
  return undefined;
}

function changeBy(name: string, args: Json): Lost['inFlightAt'] {
  const kind = cardOf(name)?.change?.kind;
  if (kind === 'reopens') return 'reopen';
  const overlays =
    kind === 'overlays' || (name === 'transaction' && JSON.stringify(args).includes('snapshot'));
  return overlays ? 'snapshot' : undefined;
}

/** One of the nodes that an arena makes for a disk. */
function mentions(value: Json, disk: string): boolean {
  if (typeof value === 'string') return value === disk || value.startsWith(`${disk}-`);
  return (
    value !== null && typeof value === 'object' && Object.values(value).some((each) => mentions(each, disk))
  );
}
