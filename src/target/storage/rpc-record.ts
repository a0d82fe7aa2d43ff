/** ONC RPC over TCP (RFC 5531): whole records out of a stream, the head of a call, and a reply to it. */

/** A call's head: what a relay has to know of it. `body` begins behind the credentials. */
export type RpcCall = { xid: number; program: number; version: number; procedure: number; body: Buffer };

/** Feeds on chunks of a stream and hands out its records, each without its marks. */
export function recordReader(take: (record: Buffer) => void): (chunk: Buffer) => void {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let fragments: Buffer[] = [];
  let wantedBytes = markBytes;
  return (chunk) => {
    held.push(chunk);
    heldBytes += chunk.length;
    while (heldBytes >= wantedBytes) {
      const bytes = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held);
      const mark = bytes.readUInt32BE(0);
      const end = markBytes + (mark & ~lastFragment);
      if (bytes.length >= end) {
        fragments.push(bytes.subarray(markBytes, end));
        if (mark & lastFragment) {
          take(fragments.length === 1 ? (fragments[0] as Buffer) : Buffer.concat(fragments));
          fragments = [];
        }
      }
      held = [bytes.length >= end ? bytes.subarray(end) : bytes];
      heldBytes = (held[0] as Buffer).length;
      wantedBytes = bytes.length >= end ? markBytes : end;
    }
  };
}

/** A record as it goes over the wire, in one fragment. */
export function marked(record: Buffer): Buffer {
  return Buffer.concat([words(record.length | lastFragment), record]);
}

/** undefined for what is no call. */
export function parseCall(record: Buffer): RpcCall | undefined {
  if (record.length < 40 || record.readUInt32BE(4) !== 0) return undefined;
  const credentialsEnd = 32 + padded(record.readUInt32BE(28));
  if (record.length < credentialsEnd + 8) return undefined;
  const bodyStart = credentialsEnd + 8 + padded(record.readUInt32BE(credentialsEnd + 4));
  return {
    xid: record.readUInt32BE(0),
    program: record.readUInt32BE(12),
    version: record.readUInt32BE(16),
    procedure: record.readUInt32BE(20),
    body: record.subarray(bodyStart),
  };
}

/** The record that answers a call: accepted, and successful as far as RPC is concerned. */
export function answer({ xid }: RpcCall, ...result: number[]): Buffer {
  return words(xid, 1, 0, 0, 0, 0, ...result);
}

/** "That procedure is unknown here." */
export function procedureUnavailable({ xid }: RpcCall): Buffer {
  return words(xid, 1, 0, 0, 0, 3);
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => void bytes.writeUInt32BE(value >>> 0, index * 4));
  return bytes;
}

const markBytes = 4;
const lastFragment = 0x80000000;

/** XDR fills up to words of four bytes. */
function padded(lengthBytes: number): number {
  return (lengthBytes + 3) & ~3;
}
