import type { GuestClient } from '../../sequence/step.ts';
import { contentBytes } from '../../trace/content-bytes.ts';
import type { GuestOp } from '../../trace/observation.ts';
import { limits } from '../limits.ts';
import { connectNbd, type NbdConnection, type NbdExport } from './nbd-connection.ts';
import { type Export, errnoText, payloadBytesMax, type Request } from './nbd-wire.ts';

/** An export of the QEMU under test; `seedText` is what the unique content of the disk behind it is drawn from. */
export type GuestDisk = NbdExport & { seedText: string };

/** How a guest request ended. `bytes`: what a read found. `disconnected`: nobody will ever know. */
export type GuestResult =
  | { result: 'ok'; bytes?: Buffer }
  | { result: 'error'; text: string }
  | { result: 'disconnected'; text: string };

/**
 * The guest, played from outside QEMU: a client of an NBD export. All that is submitted is in flight at once, and
 * each request ends by itself; a flush covers the writes that had ended when it was submitted. Where the server hangs
 * up, the next request connects anew: a guest's disk would stay. Requests go by the client that connected last and stays.
 */
export type GuestWriter = {
  /** Opens the export, closing the one before; a read-only one opens, and refuses writes later. */
  open(disk: GuestDisk): Promise<'ok' | { error: string }>;
  /** `done` never rejects; it stays open as long as QEMU holds the request, or until `abandon`. */
  submit(op: GuestOp, client?: GuestClient): { done: Promise<GuestResult> };
  /** Waits for all that was submitted and lets go of the export; past a deadline it abandons instead. */
  close(): Promise<void>;
  /** All that is unanswered ends as `disconnected`; QEMU may carry it out all the same. */
  abandon(): void;
  /** As `abandon`, for good. */
  stop(): void;
};

/** A disk that the guest has open, by whatever way. */
export type OpenGuestDisk = Pick<GuestWriter, 'submit' | 'close' | 'abandon'>;

export function createGuestWriter(): GuestWriter {
  let disk: GuestDisk | undefined;
  let connection: NbdConnection | undefined;
  /** Clients that stay connected, or are about to leave, beside the last. */
  const beside = new Set<NbdConnection>();
  let stopped = false;
  const inFlight = new Set<Promise<GuestResult>>();

  async function open(wanted: GuestDisk): Promise<'ok' | { error: string }> {
    await close();
    if (stopped) return { error: 'the guest writer was stopped' };
    connection = connectNbd(wanted);
    const opened = await connection.opened;
    if ('error' in opened) return opened;
    disk = wanted;
    return 'ok';
  }

  function submit(op: GuestOp, client?: GuestClient): { done: Promise<GuestResult> } {
    if (stopped || !disk || !connection) return { done: Promise.resolve(notOpen) };
    const by = clientFor(disk, connection, client);
    const done = carryOut(op, disk, by);
    inFlight.add(done);
    void done.then(() => {
      inFlight.delete(done);
      if (client === 'once') void by.disconnect();
    });
    return { done };
  }

  function clientFor(where: GuestDisk, last: NbdConnection, client?: GuestClient): NbdConnection {
    if (!client && !last.isGone()) return last;
    const fresh = connectNbd(where);
    if (last.isGone() && client !== 'once') connection = fresh;
    else beside.add(client === 'once' ? fresh : last);
    if (client === 'new') connection = fresh;
    return fresh;
  }

  async function close(): Promise<void> {
    disk = undefined;
    if (!connection) return;
    const timer = setTimeout(abandon, limits.guestCloseDeadlineMs);
    await Promise.all(inFlight);
    await Promise.all([connection, ...beside].map((each) => each.disconnect()));
    beside.clear();
    clearTimeout(timer);
  }

  function abandon(): void {
    for (const each of beside) each.destroy();
    connection?.destroy();
  }

  return {
    open,
    submit,
    close,
    abandon,
    stop() {
      stopped = true;
      disk = undefined;
      abandon();
    },
  };
}

const notOpen: GuestResult = { result: 'disconnected', text: 'no export is open' };
const hungUp: GuestResult = { result: 'disconnected', text: 'the NBD server hung up' };

/** Piece by piece where it is too large for one request of the protocol, up to the first that fails. */
async function carryOut(op: GuestOp, disk: GuestDisk, connection: NbdConnection): Promise<GuestResult> {
  const opened = await connection.opened;
  if ('error' in opened) return { result: 'disconnected', text: opened.error };
  const found: Buffer[] = [];
  for (const request of requestsOf(op)) {
    const ended = await connection.request(request, payload(op, disk, request));
    if (ended.end === 'gone') return hungUp;
    if (ended.end === 'error') return { result: 'error', text: failureText(ended.errno, request, opened) };
    found.push(ended.bytes);
  }
  return op.op === 'read' ? { result: 'ok', bytes: Buffer.concat(found) } : { result: 'ok' };
}

type Piece = Omit<Request, 'cookie'>;

function requestsOf(op: GuestOp): Piece[] {
  switch (op.op) {
    case 'write':
      return cut(op, { command: 'write', flags: op.fua ? ['fua'] : [] });
    case 'read':
      return cut(op, { command: 'read' });
    case 'zero':
      return [{ command: 'writeZeroes', ...extent(op), flags: op.unmap ? [] : ['noHole'] }];
    case 'discard':
      return [{ command: 'trim', ...extent(op) }];
    case 'flush':
      return [{ command: 'flush', offsetBytes: 0, lengthBytes: 0 }];
  }
}

type Extent = { offsetBytes: number; lengthBytes: number };
const extent = ({ offsetBytes, lengthBytes }: Extent): Extent => ({ offsetBytes, lengthBytes });

function cut({ offsetBytes, lengthBytes }: Extent, request: Pick<Piece, 'command' | 'flags'>): Piece[] {
  const pieces: Piece[] = [];
  for (let done = 0; done < lengthBytes; done += payloadBytesMax) {
    const length = Math.min(payloadBytesMax, lengthBytes - done);
    pieces.push({ ...request, offsetBytes: offsetBytes + done, lengthBytes: length });
  }
  return pieces;
}

function payload(
  op: GuestOp,
  { seedText }: GuestDisk,
  { offsetBytes, lengthBytes }: Piece,
): Buffer | undefined {
  if (op.op !== 'write') return undefined;
  return op.pattern === undefined
    ? contentBytes(seedText, offsetBytes, lengthBytes, op.generation)
    : Buffer.alloc(lengthBytes, op.pattern);
}

/** QEMU answers what the export can't take as if the disk were full, or the request malformed. */
function failureText(errno: number, request: Piece, { sizeBytes, readOnly }: Export): string {
  if (readOnly && request.command !== 'read') return 'the export is read-only';
  return request.offsetBytes + request.lengthBytes > sizeBytes
    ? `beyond the end of the export of ${sizeBytes} bytes`
    : errnoText(errno);
}
