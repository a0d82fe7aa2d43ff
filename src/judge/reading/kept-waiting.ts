import { type Disk, storageKind } from '../../sequence/arena.ts';
import { nowhere, type Place } from '../../trace/place.ts';
import { connectedTo } from './connected.ts';
import type { Evidence } from './evidence.ts';
import { type JobHistory, jobsOf } from './job-histories.ts';
import { type ServerTrouble, serverTroubles } from './server-trouble.ts';

/** What waits, from `since` on, and was looked at up to `by`. */
export type Waiting = {
  since: Place;
  by: Place;
  /** Whose servers it may wait for; every disk's unless said otherwise. */
  concerns?: (disk: string) => boolean;
  /** It lets go of requests to this node that wait for a connection. */
  letsGoOf?: string;
};

/**
 * The moment, by the trace's clock, up to which a request may wait for a server: 0 where none was in trouble. QEMU's NBD
 * client says how long (qapi/block-core.json, reconnect-delay): "During the first @reconnect-delay seconds, all requests
 * are paused and will be rerun on a successful reconnect. After that time, any delayed requests and all future requests
 * before a successful reconnect will immediately fail." Without one they fail at once. A server that is frozen keeps
 * what it was asked. Pause, cancel by force and quit wait just as long as the requests do, but for a cancel by force of a mirror or
 * backup, which lets go of those that wait for its target: measured on 7.2, 10.0 and 11.1. Other drivers connect anew in
 * their own time, and no bound for it is documented.
 */
export function keptWaitingUntilUs(evidence: Evidence, waiting: Waiting): number {
  const { by, concerns = () => true } = waiting;
  const troubles = serverTroubles(evidence).filter(({ disk, from }) => from < by && concerns(disk));
  return Math.max(0, ...troubles.map((trouble) => overUs(evidence, trouble, waiting)));
}

function overUs(
  { trace, opened }: Evidence,
  { disk: name, is, armed, to }: ServerTrouble,
  { since, letsGoOf }: Waiting,
): number {
  const disk = opened.sequence.arena.disks.find((each) => each.name === name);
  if (!disk || storageKind(disk) !== 'nbd') return Number.POSITIVE_INFINITY;
  if (is !== 'killed')
    return isMended(trace, to) ? (trace[to]?.us ?? 0) + mendingUs : Number.POSITIVE_INFINITY;
  const begunUs = trace[armed]?.us ?? 0;
  // That nobody is there any more an idle client finds out by its next request: its seconds begin then.
  const askedUs = trace[since]?.us ?? 0;
  const delayUs = 1_000_000 * reconnectDelaySeconds(disk);
  return letsGoOf === name || delayUs === 0 ? begunUs : Math.max(begunUs, askedUs) + delayUs;
}

/** Settling mends servers after it has said that it begins. */
const mendingUs = 1_000_000;

/** Of a QEMU that was told to quit settling awaits the end, and mends nothing. */
const isMended = (trace: Evidence['trace'], to: Place): boolean =>
  to !== nowhere &&
  (trace[to]?.kind === 'fault' ||
    !trace.some((seen, at) => at < to && seen.kind === 'command' && seen.name === 'quit'));

export function reconnectDelaySeconds({ storage = 'file' }: Disk): number {
  return typeof storage === 'object' && 'nbd' in storage ? (storage.nbd.reconnectDelaySeconds ?? 0) : 0;
}

/** The disks that a job may wait for: its own, and those of all others where a job beside it may hold QEMU at its end. */
export function concernsJob(evidence: Evidence, life: JobHistory, by: Place): (disk: string) => boolean {
  const start = evidence.bySent.get(life.startedBy ?? -1);
  const isAlone = jobsOf(evidence).lives.every(
    (other) => other === life || other.statuses.at(-1)?.status === 'null',
  );
  const { device } = start?.args ?? {};
  if (!isAlone || typeof device !== 'string') return () => true;
  const connected = connectedTo(evidence, device, by);
  return (disk) => connected.has(disk);
}
