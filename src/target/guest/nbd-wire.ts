/*
 * The client's side of the NBD protocol as bytes: fixed newstyle handshake, simple replies. Names and numbers are
 * those of the specification, doc/proto.md of github.com/NetworkBlockDevice/nbd.
 */

export const greetingBytes = 18;
export const optionReplyBytes = 20;
/** The answer to NBD_OPT_EXPORT_NAME, where the server pads nothing (it may, unless both sides know NO_ZEROES). */
export const exportBytes = 10;
export const exportPaddingBytes = 124;
export const replyBytes = 16;

/** A read or write of more is not promised to be served ("Block size constraints"): QEMU hangs up on it. */
export const payloadBytesMax = 32 * 2 ** 20;

export type Greeting = { knowsNoZeroes: boolean };
export type Export = { sizeBytes: number; readOnly: boolean };
/** NBD_REP_ACK, NBD_REP_INFO about the export, any other NBD_REP_*, or a refusal in the server's words. */
export type OptionReply =
  | { kind: 'ack' }
  | { kind: 'context'; id: number; name: string }
  | ({ kind: 'export' } & Export)
  | { kind: 'other' }
  | { kind: 'refused'; unsupported: boolean; text: string };

export type Request = {
  command: keyof typeof commands;
  cookie: bigint;
  offsetBytes: number;
  lengthBytes: number;
  /** FUA: replied to only when it is on stable storage. NO_HOLE: zeroes that stay allocated. */
  flags?: readonly (keyof typeof commandFlags)[];
};
/** `errno`: 0 where it went well; a read's bytes follow then, and only then. */
export type Reply = { errno: number; cookie: bigint };

const commands = {
  read: 0,
  write: 1,
  disconnect: 2,
  flush: 3,
  trim: 4,
  writeZeroes: 6,
  blockStatus: 7,
} as const;
const commandFlags = { fua: 1, noHole: 2 } as const;

const magic = {
  greeting: 0x4e42444d41474943n, // "NBDMAGIC"
  option: 0x49484156454f5054n, // "IHAVEOPT"
  optionReply: 0x3e889045565a9n,
  request: 0x25609513,
  simpleReply: 0x67446698,
  structuredReply: 0x668e33ef,
} as const;
const fixedNewstyle = 1;
const noZeroes = 2;
const options = { exportName: 1, go: 7, structuredReplies: 8, setMetaContext: 10 } as const;
const optionReplies = {
  ack: 1,
  info: 3,
  metaContext: 4,
  refused: 2 ** 31,
  unsupported: 2 ** 31 + 1,
} as const;
const infoExport = 0;
const readOnlyExport = 2;

/** The server's first words; undefined: it is no NBD server, or one of before 2014. */
export function decodeGreeting(bytes: Buffer): Greeting | undefined {
  const flags = bytes.readUInt16BE(16);
  const isNbd = bytes.readBigUInt64BE(0) === magic.greeting && bytes.readBigUInt64BE(8) === magic.option;
  return isNbd && (flags & fixedNewstyle) !== 0 ? { knowsNoZeroes: (flags & noZeroes) !== 0 } : undefined;
}

export function encodeClientFlags({ knowsNoZeroes }: Greeting): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(fixedNewstyle | (knowsNoZeroes ? noZeroes : 0));
  return bytes;
}

/** Asks for an export without asking for block sizes: requests of any alignment are then the server's to serve. */
export function encodeGo(exportName: string): Buffer {
  const name = Buffer.from(exportName);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  return encodeOption(options.go, Buffer.concat([length, name, Buffer.alloc(2)]));
}

/** What servers know that know no NBD_OPT_GO; they hang up where the export is not there. */
export function encodeExportName(exportName: string): Buffer {
  return encodeOption(options.exportName, Buffer.from(exportName));
}

/** What block status needs; no simple replies are sent from then on. */
export const encodeStructuredReplies = (): Buffer => encodeOption(options.structuredReplies, Buffer.alloc(0));

/** Which contexts block status is to tell of; a server answers with the id of each that it knows. */
export function encodeMetaContexts(exportName: string, contexts: readonly string[]): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(contexts.length);
  return encodeOption(
    options.setMetaContext,
    Buffer.concat([counted(exportName), number, ...contexts.map(counted)]),
  );
}

function counted(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
}

function encodeOption(option: number, content: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.writeBigUInt64BE(magic.option, 0);
  header.writeUInt32BE(option, 8);
  header.writeUInt32BE(content.length, 12);
  return Buffer.concat([header, content]);
}

/** How many bytes of content follow this header; undefined: these bytes are none. */
export function optionReplyContentBytes(header: Buffer): number | undefined {
  return header.readBigUInt64BE(0) === magic.optionReply ? header.readUInt32BE(16) : undefined;
}

export function decodeOptionReply(header: Buffer, content: Buffer): OptionReply {
  const type = header.readUInt32BE(12);
  if (type === optionReplies.ack) return { kind: 'ack' };
  if (type >= optionReplies.refused) {
    return { kind: 'refused', unsupported: type === optionReplies.unsupported, text: content.toString() };
  }
  if (type === optionReplies.metaContext && content.length >= 4)
    return { kind: 'context', id: content.readUInt32BE(0), name: content.toString('utf8', 4) };
  const isExport =
    type === optionReplies.info && content.length >= 12 && content.readUInt16BE(0) === infoExport;
  return isExport ? { kind: 'export', ...decodeExport(content.subarray(2)) } : { kind: 'other' };
}

export function decodeExport(bytes: Buffer): Export {
  const flags = bytes.readUInt16BE(8);
  return { sizeBytes: Number(bytes.readBigUInt64BE(0)), readOnly: (flags & readOnlyExport) !== 0 };
}

/** A write's bytes go after it. */
export function encodeRequest({ command, cookie, offsetBytes, lengthBytes, flags = [] }: Request): Buffer {
  const bytes = Buffer.allocUnsafe(28);
  bytes.writeUInt32BE(magic.request, 0);
  bytes.writeUInt16BE(
    flags.reduce((sum, flag) => sum | commandFlags[flag], 0),
    4,
  );
  bytes.writeUInt16BE(commands[command], 6);
  bytes.writeBigUInt64BE(cookie, 8);
  bytes.writeBigUInt64BE(BigInt(offsetBytes), 16);
  bytes.writeUInt32BE(lengthBytes, 24);
  return bytes;
}

/** undefined: these bytes are no simple reply. */
export function decodeReply(bytes: Buffer): Reply | undefined {
  if (bytes.readUInt32BE(0) !== magic.simpleReply) return undefined;
  return { errno: bytes.readUInt32BE(4), cookie: bytes.readBigUInt64BE(8) };
}

/** A piece of a structured reply; its content follows. undefined: these bytes are none. */
export function decodeChunk(bytes: Buffer): Chunk | undefined {
  if (bytes.readUInt32BE(0) !== magic.structuredReply) return undefined;
  const type = bytes.readUInt16BE(6);
  return {
    isLast: (bytes.readUInt16BE(4) & 1) !== 0,
    kind: type === 5 ? 'block status' : type >= 2 ** 15 ? 'error' : 'other',
    contentBytes: bytes.readUInt32BE(16),
  };
}
export type Chunk = { isLast: boolean; kind: 'block status' | 'error' | 'other'; contentBytes: number };
export const chunkBytes = 20;

/** The context's id, and the extents from the request's offset on, each with its flags. */
export function decodeBlockStatus(content: Buffer): {
  context: number;
  extents: { lengthBytes: number; flags: number }[];
} {
  const extents = Array.from({ length: Math.floor((content.length - 4) / 8) }, (_, i) => ({
    lengthBytes: content.readUInt32BE(4 + 8 * i),
    flags: content.readUInt32BE(8 + 8 * i),
  }));
  return { context: content.readUInt32BE(0), extents };
}

/** The protocol's error numbers in strerror(3)'s words, which QEMU's own messages use, too. */
export function errnoText(errno: number): string {
  return errnoTexts[errno] ?? `error ${errno}`;
}

const errnoTexts: Record<number, string> = {
  1: 'Operation not permitted',
  5: 'Input/output error',
  12: 'Cannot allocate memory',
  22: 'Invalid argument',
  28: 'No space left on device',
  75: 'Value too large for defined data type',
  95: 'Operation not supported',
  108: 'Cannot send after transport endpoint shutdown',
};
