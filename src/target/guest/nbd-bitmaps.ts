import { createConnection } from 'node:net';
import { limits } from '../limits.ts';
import { byteReader, type Take } from './byte-reader.ts';
import type { NbdExport } from './nbd-connection.ts';
import {
  chunkBytes,
  decodeBlockStatus,
  decodeChunk,
  decodeGreeting,
  decodeOptionReply,
  encodeClientFlags,
  encodeGo,
  encodeMetaContexts,
  encodeRequest,
  encodeStructuredReplies,
  greetingBytes,
  type OptionReply,
  optionReplyBytes,
  optionReplyContentBytes,
} from './nbd-wire.ts';

export type DirtyRuns = { bitmap: string; dirty: [offsetBytes: number, lengthBytes: number][] };

/** What an export says of bitmaps that it was given: their dirty bytes, by NBD's block status. Nothing of it rejects. */
export async function readBitmaps(
  { socket: path, export: name }: NbdExport,
  bitmaps: readonly string[],
): Promise<DirtyRuns[] | { error: string }> {
  const socket = createConnection(path);
  const late = new Error('no answer to reading bitmaps');
  const timer = setTimeout(() => socket.destroy(late), limits.guestOpenDeadlineMs);
  const wire: Wire = {
    take: byteReader(socket, 'the NBD server hung up'),
    send: (bytes) => void socket.write(bytes),
  };
  try {
    const opened = await open(wire, name, bitmaps);
    const read: DirtyRuns[] = bitmaps.map((bitmap) => ({ bitmap, dirty: [] }));
    for (let at = 0; at < opened.sizeBytes; ) at += await readOn(wire, opened, at, read);
    wire.send(encodeRequest({ command: 'disconnect', cookie: 0n, offsetBytes: 0, lengthBytes: 0 }));
    return read;
  } catch (error) {
    return { error: (error as Error).message };
  } finally {
    clearTimeout(timer);
    socket.end();
  }
}

type Wire = { take: Take; send: (bytes: Buffer) => void };

/** `contexts`: the number of each bitmap's context. */
type Opened = { sizeBytes: number; contexts: number[] };

async function open({ take, send }: Wire, name: string, bitmaps: readonly string[]): Promise<Opened> {
  const greeting = decodeGreeting(await take(greetingBytes));
  if (!greeting) throw notNbd();
  send(encodeClientFlags(greeting));
  send(encodeStructuredReplies());
  await answersTo(take);
  const wanted = bitmaps.map((bitmap) => `qemu:dirty-bitmap:${bitmap}`);
  send(encodeMetaContexts(name, wanted));
  const known = await answersTo(take);
  const contexts = wanted.map((context) => {
    const found = known.find((each) => each.kind === 'context' && each.name === context);
    if (found?.kind !== 'context') throw new Error(`the server does not know ${context}`);
    return found.id;
  });
  send(encodeGo(name));
  const info = (await answersTo(take)).find((each) => each.kind === 'export');
  if (info?.kind !== 'export') throw notNbd();
  return { sizeBytes: info.sizeBytes, contexts };
}

/** All that the server says to one option, up to its acknowledgement. */
async function answersTo(take: Take): Promise<OptionReply[]> {
  const replies: OptionReply[] = [];
  for (;;) {
    const header = await take(optionReplyBytes);
    const contentBytes = optionReplyContentBytes(header);
    if (contentBytes === undefined) throw notNbd();
    const reply = decodeOptionReply(header, await take(contentBytes));
    if (reply.kind === 'refused') throw new Error(reply.text);
    if (reply.kind === 'ack') return replies;
    replies.push(reply);
  }
}

/** Asks from `at` on, adds what was said, and gives how far all of the contexts have got. */
async function readOn(
  { take, send }: Wire,
  opened: Opened,
  at: number,
  read: readonly DirtyRuns[],
): Promise<number> {
  const lengthBytes = Math.min(opened.sizeBytes - at, 2 ** 30);
  send(encodeRequest({ command: 'blockStatus', cookie: 1n, offsetBytes: at, lengthBytes }));
  const told = new Map<number, { lengthBytes: number; flags: number }[]>();
  for (let isLast = false; !isLast; ) {
    const chunk = decodeChunk(await take(chunkBytes));
    if (!chunk) throw notNbd();
    const content = await take(chunk.contentBytes);
    if (chunk.kind === 'error') throw new Error('block status is refused');
    if (chunk.kind === 'block status') {
      const { context, extents } = decodeBlockStatus(content);
      told.set(context, extents);
    }
    ({ isLast } = chunk);
  }
  const lists = opened.contexts.map((context) => told.get(context) ?? []);
  const reached = Math.min(
    lengthBytes,
    ...lists.map((extents) => extents.reduce((sum, extent) => sum + extent.lengthBytes, 0)),
  );
  if (reached === 0) throw new Error('block status tells nothing');
  for (const [i, extents] of lists.entries()) addRuns(read[i]?.dirty ?? [], extents, at, at + reached);
  return reached;
}

function addRuns(
  dirty: DirtyRuns['dirty'],
  extents: readonly { lengthBytes: number; flags: number }[],
  from: number,
  to: number,
): void {
  let at = from;
  for (const { lengthBytes, flags } of extents) {
    const end = Math.min(at + lengthBytes, to);
    const last = dirty.at(-1);
    if ((flags & 1) !== 0 && end > at) {
      if (last && last[0] + last[1] === at) last[1] += end - at;
      else dirty.push([at, end - at]);
    }
    at = end;
  }
}

const notNbd = (): Error => new Error('the server does not speak NBD as it should');
