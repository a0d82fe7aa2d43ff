import { nowhere, opening, type Place } from '../../trace/place.ts';
import { connectedTo } from './connected.ts';
import type { Evidence } from './evidence.ts';
import { type JobHistory, jobsOf } from './job-histories.ts';

/**
 * Whether someone may have written to a job's source between two places, or in a request begun before: a guest of a disk
 * that has to do with it, raw bytes, HMP, or a job beside it.
 */
export function mayBeWritten(evidence: Evidence, life: JobHistory, begin: Place, end: Place): boolean {
  const { unfollowedFrom, requests } = writesOf(evidence);
  if (unfollowedFrom < end) return true;
  const isOwn = connectedWith(evidence, life);
  if (requests.some((each) => each.from < end && each.to > begin && isOwn(each.disk))) return true;
  return jobsOf(evidence).lives.some((other) => {
    const last = other.statuses.at(-1);
    const over = last?.status === 'null' || last?.status === 'concluded';
    return other !== life && (other.entries[0]?.at ?? opening) < end && !(over && last.at < begin);
  });
}

/** A request that may change a disk; `to`: nowhere for one that has not ended. */
type Request = { disk: string; from: Place; to: Place };
type Writes = { unfollowedFrom: Place; requests: Request[] };

const read = new WeakMap<Evidence, Writes>();

/** Read once for each trace: figures are shown often. */
function writesOf(evidence: Evidence): Writes {
  const known = read.get(evidence) ?? readWrites(evidence);
  read.set(evidence, known);
  return known;
}

function readWrites({ trace, opened: { sequence } }: Evidence): Writes {
  const open = new Map<number, Request>();
  const requests: Request[] = [];
  // What a guest reads is written where copy-on-read keeps it.
  const keepsReads = JSON.stringify([sequence.arena, sequence.steps]).includes('copy-on-read');
  for (const [at, seen] of trace.entries()) {
    if (seen.kind === 'guest-begin' && (keepsReads || !changesNothing.has(seen.op?.op))) {
      const request = { disk: seen.disk, from: at, to: nowhere };
      requests.push(request);
      open.set(seen.request, request);
    } else if (seen.kind === 'guest-end') {
      const request = open.get(seen.request);
      if (request) request.to = at;
    }
  }
  const unfollowed = trace.findIndex(
    (seen) =>
      seen.kind === 'raw-sent' ||
      (seen.kind === 'command' &&
        seen.name === 'human-monitor-command' &&
        !/^(info|drive_add)\b/.test(String(seen.args['command-line']))),
  );
  return { unfollowedFrom: unfollowed < 0 ? nowhere : unfollowed, requests };
}

const changesNothing: ReadonlySet<string | undefined> = new Set(['read', 'flush']);

const connections = new WeakMap<JobHistory, (disk: string) => boolean>();

function connectedWith(evidence: Evidence, life: JobHistory): (disk: string) => boolean {
  const known = connections.get(life) ?? readConnections(evidence, life);
  connections.set(life, known);
  return known;
}

/** By all that was ever named together with it; every disk where its start does not say what it works on. */
function readConnections(evidence: Evidence, life: JobHistory): (disk: string) => boolean {
  const { device } = evidence.bySent.get(life.startedBy ?? -1)?.args ?? {};
  if (typeof device !== 'string') return () => true;
  const connected = connectedTo(evidence, device, nowhere);
  return (disk) => connected.has(disk);
}
