import type { Take } from '../guest/byte-reader.ts';

/*
 * NBD messages as someone between client and server has to know them: where each ends, and how a request is refused.
 * Names and numbers are those of the specification, doc/proto.md of github.com/NetworkBlockDevice/nbd.
 */

/** Form of the messages after the handshake, as it agreed on: extended headers are of QEMU 8.2 on. */
export type NbdDialect = 'simple' | 'structured' | 'extended';

export type RelayedOption = { option: number; bytes: Buffer };
export type RelayedRequest = {
  command: number;
  cookie: bigint;
  offsetBytes: bigint;
  lengthBytes: number;
  bytes: Buffer[];
};

export const greetingBytes = 18;
export const clientFlagsBytes = 4;
export const noZeroes = 2;
export const options = { exportName: 1, abort: 2, info: 6, go: 7, structuredReply: 8, extendedHeaders: 11 };
export const commands = { read: 0, write: 1, trim: 4, writeZeroes: 6 };
export const errnos = { EPERM: 1, EIO: 5, ENOSPC: 28 };

const optionReplyMagic = 0x3e889045565a9n;
const optionReplies = { ack: 1, failed: 2 ** 31, unknownExport: 2 ** 31 + 6 };
const requestMagic = { compact: 0x25609513, extended: 0x21e41c71 };
const replyMagic = { simple: 0x67446698, structured: 0x668e33ef, extended: 0x6e8a278c };
const headerBytes = { simple: 16, structured: 20, extended: 32 };
const payloadFollows = 1 << 5;

export async function takeOption(take: Take): Promise<RelayedOption> {
  const header = await take(16);
  const content = await take(header.readUInt32BE(12));
  return { option: header.readUInt32BE(8), bytes: Buffer.concat([header, content]) };
}

/** `end`: whether it is the last reply to its option, and of which kind. */
export async function takeOptionReply(
  take: Take,
): Promise<{ end: 'agreed' | 'refused' | undefined; bytes: Buffer }> {
  const header = await take(20);
  const type = header.readUInt32BE(12);
  const bytes = Buffer.concat([header, await take(header.readUInt32BE(16))]);
  return {
    end: type === optionReplies.ack ? 'agreed' : type >= optionReplies.failed ? 'refused' : undefined,
    bytes,
  };
}

/** What a server says that has no such export. */
export function unknownExport(option: number): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeBigUInt64BE(optionReplyMagic, 0);
  bytes.writeUInt32BE(option, 8);
  bytes.writeUInt32BE(optionReplies.unknownExport, 12);
  return bytes;
}

export async function takeRequest(take: Take, dialect: NbdDialect): Promise<RelayedRequest> {
  const isExtended = dialect === 'extended';
  const header = await take(isExtended ? 32 : 28);
  if (header.readUInt32BE(0) !== (isExtended ? requestMagic.extended : requestMagic.compact)) throw notNbd();
  const command = header.readUInt16BE(6);
  const lengthBytes = isExtended ? Number(header.readBigUInt64BE(24)) : header.readUInt32BE(24);
  // QEMU's writes come without the flag that extended headers demand of them.
  const flagged = isExtended && (header.readUInt16BE(4) & payloadFollows) !== 0;
  const hasPayload = command === commands.write || flagged;
  const payload = hasPayload ? [await take(lengthBytes)] : [];
  return {
    command,
    cookie: header.readBigUInt64BE(8),
    offsetBytes: header.readBigUInt64BE(16),
    lengthBytes,
    bytes: [header, ...payload],
  };
}

/** `bytesRead`: how many a simple reply carries that says "no error". */
export async function takeReply(take: Take, bytesRead: (cookie: bigint) => number): Promise<Buffer[]> {
  const start = await take(headerBytes.simple);
  switch (start.readUInt32BE(0)) {
    case replyMagic.simple: {
      const lengthBytes = bytesRead(start.readBigUInt64BE(8));
      return [start, await take(start.readUInt32BE(4) === 0 ? lengthBytes : 0)];
    }
    case replyMagic.structured: {
      const rest = await take(headerBytes.structured - headerBytes.simple);
      return [start, rest, await take(rest.readUInt32BE(0))];
    }
    case replyMagic.extended: {
      const rest = await take(headerBytes.extended - headerBytes.simple);
      return [start, rest, await take(Number(rest.readBigUInt64BE(8)))];
    }
    default:
      throw notNbd();
  }
}

/** The reply to a request that the server never sees. A simple one does where replies are structured, but for reads. */
export function refusal(dialect: NbdDialect, request: RelayedRequest, errno: number): Buffer {
  return dialect === 'extended' ? extendedError(request, errno) : simpleError(request, errno);
}

function simpleError({ cookie }: RelayedRequest, errno: number): Buffer {
  const bytes = Buffer.alloc(headerBytes.simple);
  bytes.writeUInt32BE(replyMagic.simple, 0);
  bytes.writeUInt32BE(errno, 4);
  bytes.writeBigUInt64BE(cookie, 8);
  return bytes;
}

function extendedError({ cookie, offsetBytes }: RelayedRequest, errno: number): Buffer {
  const done = 1;
  const errorType = 2 ** 15 + 1;
  const contentBytes = 6; // the number, and the length of a text that is empty
  const bytes = Buffer.alloc(headerBytes.extended + contentBytes);
  bytes.writeUInt32BE(replyMagic.extended, 0);
  bytes.writeUInt16BE(done, 4);
  bytes.writeUInt16BE(errorType, 6);
  bytes.writeBigUInt64BE(cookie, 8);
  bytes.writeBigUInt64BE(offsetBytes, 16);
  bytes.writeBigUInt64BE(BigInt(contentBytes), 24);
  bytes.writeUInt32BE(errno, 32);
  return bytes;
}

const notNbd = (): Error => new Error('this is no NBD');
