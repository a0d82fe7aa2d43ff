import type { GuestChange } from '../../model/content/guest-history.ts';
import type { Origin } from '../../trace/content-run.ts';
import type { GuestOp, Observation } from '../../trace/observation.ts';
import { nowhere, type Place, type PlacedTrace } from '../../trace/place.ts';

/** All that the guest asked of its disks, by disk, in the order of the beginnings. */
export type GuestRequests = ReadonlyMap<string, DiskRequests>;

export type DiskRequests = {
  changes: GuestChange[];
  /** Reads that ended well, and flushes that did. */
  reads: GuestRead[];
  flushes: { begin: Place; end: Place }[];
};

export type GuestRead = Ended & { request: number; step: number | undefined; offsetBytes: number };
type Ended = { begin: Place; end: Place };

type Begin = Extract<Observation, { kind: 'guest-begin' }>;
type End = Extract<Observation, { kind: 'guest-end' }>;

export function guestRequestsOf(trace: PlacedTrace): GuestRequests {
  const ends = new Map<number, { at: Place; end: End }>();
  for (const [at, seen] of trace.entries())
    if (seen.kind === 'guest-end') ends.set(seen.request, { at, end: seen });

  const disks = new Map<string, DiskRequests>();
  for (const [begin, seen] of trace.entries()) {
    if (seen.kind !== 'guest-begin') continue;
    const ended = ends.get(seen.request);
    const requests = disks.get(seen.disk) ?? { changes: [], reads: [], flushes: [] };
    disks.set(seen.disk, requests);
    const { op } = seen;
    const isOk = ended?.end.result === 'ok';
    if (op.op === 'read') {
      if (!isOk || !ended.end.runs) continue;
      const { request, step } = seen;
      requests.reads.push({ request, step, begin, end: ended.at, offsetBytes: op.offsetBytes });
    } else if (op.op === 'flush') {
      if (isOk && seen.via !== 'hmp' && seen.via !== 'device')
        requests.flushes.push({ begin, end: ended.at });
    } else requests.changes.push(change(seen, op, begin, ended));
  }
  return disks;
}

type Change = Exclude<GuestOp, { op: 'read' | 'flush' }>;

function change(
  { request, disk, via }: Begin,
  op: Change,
  begin: Place,
  ended: { at: Place; end: End } | undefined,
): GuestChange {
  const { offsetBytes, lengthBytes } = op;
  // HMP's qemu-io tells no I/O error.
  const acknowledged = ended?.end.result === 'ok' && via !== 'hmp';
  return {
    request,
    begin,
    end: ended && isOver(ended.end) ? ended.at : nowhere,
    offsetBytes,
    lengthBytes,
    origin: originOf(disk, op),
    kind: op.op,
    acknowledged,
    durable: acknowledged && (via === 'virtio' || (op.op === 'write' && op.fua === true)),
  };
}

/** A request whose connection broke may still be under way in QEMU, and so may one of several that ended in an error. */
const isOver = ({ result, text }: End): boolean =>
  result === 'ok' || (result === 'error' && !/gone|hung up|disconnected/.test(text ?? ''));

function originOf(disk: string, op: Change): Origin {
  if (op.op !== 'write' || op.pattern === 0) return 'zero';
  return op.pattern === undefined ? `${disk}:${op.generation}` : `byte:${op.pattern}`;
}
