import { createConnection, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { limits } from '../limits.ts';
import { byteReader, type Take } from './byte-reader.ts';
import {
  decodeExport,
  decodeGreeting,
  decodeOptionReply,
  decodeReply,
  type Export,
  encodeClientFlags,
  encodeExportName,
  encodeGo,
  encodeRequest,
  exportBytes,
  exportPaddingBytes,
  type Greeting,
  greetingBytes,
  optionReplyBytes,
  optionReplyContentBytes,
  type Request,
  replyBytes,
} from './nbd-wire.ts';

/** An export of an NBD server on a unix socket. */
export type NbdExport = { socket: string; export: string };
/** `gone`: nobody will ever know. `bytes`: what a read found, else none. */
export type RequestEnd = { end: 'ok'; bytes: Buffer } | { end: 'error'; errno: number } | { end: 'gone' };

/** One client of an NBD server. Nothing of it rejects. */
export type NbdConnection = {
  /** Resolves when the export is open, or to why it is not. */
  opened: Promise<Export | { error: string }>;
  /** To be used once it is open; any number may be in flight. `payload`: the bytes of a write. */
  request(request: Omit<Request, 'cookie'>, payload?: Buffer): Promise<RequestEnd>;
  /** Says goodbye; resolves when the server has let go. What is in flight still is carried out, and ends as gone. */
  disconnect(): Promise<void>;
  /** At once, also before it is open; all that is in flight ends as gone. */
  destroy(): void;
  isGone(): boolean;
};

export function connectNbd(where: NbdExport): NbdConnection {
  const inFlight = new Map<bigint, { expectedBytes: number; settle: (end: RequestEnd) => void }>();
  let nextCookie = 1n;
  let socket = createConnection(where.socket);
  let isConnecting = true;

  const { promise: closed, resolve: gone } = Promise.withResolvers<void>();
  void closed.then(() => {
    for (const { settle } of inFlight.values()) settle({ end: 'gone' });
    inFlight.clear();
  });

  async function open(): Promise<Export | { error: string }> {
    const late = new Error('no answer to opening the export');
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      socket.destroy(late);
    }, limits.guestOpenDeadlineMs);
    try {
      while (await isTurnedAway(socket)) {
        await delay(limits.guestConnectAgainMs);
        if (isLate || !isConnecting) throw late;
        socket = createConnection(where.socket);
      }
      isConnecting = false;
      socket.once('close', gone);
      const take = byteReader(socket, hungUp);
      const opened = await shakeHands(where.export, take, (bytes) => void socket.write(bytes));
      receive(take).catch(() => socket.destroy());
      return opened;
    } catch (error) {
      isConnecting = false;
      socket.destroy();
      gone();
      return { error: (error as Error).message };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Replies come in any order. Ends by throwing, when the server hangs up or talks nonsense. */
  async function receive(take: Take): Promise<never> {
    for (;;) {
      const reply = decodeReply(await take(replyBytes));
      const waiting = reply && inFlight.get(reply.cookie);
      if (!waiting) throw notNbd();
      const { errno, cookie } = reply;
      const bytes = await take(errno === 0 ? waiting.expectedBytes : 0);
      inFlight.delete(cookie);
      waiting.settle(errno === 0 ? { end: 'ok', bytes } : { end: 'error', errno });
    }
  }

  function send(request: Omit<Request, 'cookie'>, cookie: bigint, payload?: Buffer): void {
    socket.cork();
    socket.write(encodeRequest({ ...request, cookie }));
    if (payload) socket.write(payload);
    socket.uncork();
  }

  function isGone(): boolean {
    return !isConnecting && socket.destroyed;
  }

  return {
    opened: open(),
    request(request, payload) {
      if (isGone()) return Promise.resolve({ end: 'gone' });
      return new Promise((settle) => {
        const cookie = nextCookie++;
        const expectedBytes = request.command === 'read' ? request.lengthBytes : 0;
        inFlight.set(cookie, { expectedBytes, settle });
        send(request, cookie, payload);
      });
    },
    async disconnect() {
      if (isGone()) return;
      send({ command: 'disconnect', offsetBytes: 0, lengthBytes: 0 }, 0n);
      await closed;
    },
    destroy() {
      isConnecting = false;
      socket.destroy();
    },
    isGone,
  };
}

/**
 * A server's queue of connections is short: QEMU's takes one beside the one that it greets, up to 5.2. Whoever comes to a
 * full one is to come again. Rejects where there is no server, or the socket is destroyed.
 */
function isTurnedAway(socket: Socket): Promise<boolean> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(false));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EAGAIN' ? resolve(true) : reject(error),
    );
    socket.once('close', () => reject(new Error(hungUp)));
  });
}

const hungUp = 'the NBD server hung up';

type Send = (bytes: Buffer) => void;

async function shakeHands(exportName: string, take: Take, send: Send): Promise<Export> {
  const greeting = decodeGreeting(await take(greetingBytes));
  if (!greeting) throw notNbd();
  send(encodeClientFlags(greeting));
  send(encodeGo(exportName));
  let opened: Export | undefined;
  for (;;) {
    const header = await take(optionReplyBytes);
    const contentBytes = optionReplyContentBytes(header);
    if (contentBytes === undefined) throw notNbd();
    const reply = decodeOptionReply(header, await take(contentBytes));
    if (reply.kind === 'export') opened = reply;
    if (reply.kind === 'ack' && opened) return opened;
    if (reply.kind === 'refused') {
      if (reply.unsupported) return openByName(exportName, greeting, take, send);
      throw new Error(`export "${exportName}": ${reply.text}`);
    }
  }
}

async function openByName(
  exportName: string,
  { knowsNoZeroes }: Greeting,
  take: Take,
  send: Send,
): Promise<Export> {
  send(encodeExportName(exportName));
  const opened = decodeExport(await take(exportBytes));
  if (!knowsNoZeroes) await take(exportPaddingBytes);
  return opened;
}

const notNbd = (): Error => new Error('the server does not speak NBD');
