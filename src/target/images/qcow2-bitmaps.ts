import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { extensionsOf, extensionTypes, headerBytesMax, placeOf, qcow2Magic } from './qcow2-header.ts';

/** A dirty bitmap in a qcow2 file. `inUse`: who had it open has not stored it in order. `dirty`: offset, length. */
export type StoredBitmap = {
  bitmap: string;
  granularityBytes: number;
  inUse: boolean;
  dirty: [offsetBytes: number, lengthBytes: number][];
};

/**
 * Reads the dirty bitmaps that a qcow2 file has (docs/interop/qcow2.rst, "Bitmaps"). Costs no process. undefined where
 * it is no qcow2 file, or one that does not hold together.
 */
export function storedBitmaps(path: string): StoredBitmap[] | undefined {
  if (!existsSync(path)) return undefined;
  const fileBytes = statSync(path).size;
  const fd = openSync(path, 'r');
  try {
    return readBitmaps(Math.min(fileBytes, headerBytesMax), (offset, length) => {
      if (offset + length > fileBytes) return undefined;
      const bytes = Buffer.allocUnsafe(length);
      return readSync(fd, bytes, 0, length, offset) === length ? bytes : undefined;
    });
  } finally {
    closeSync(fd);
  }
}

type ReadAt = (offsetBytes: number, lengthBytes: number) => Buffer | undefined;

type Disk = { sizeBytes: number; clusterBytes: number };

function readBitmaps(headerBytes: number, readAt: ReadAt): StoredBitmap[] | undefined {
  const header = headerBytes < 104 ? undefined : readAt(0, headerBytes);
  if (header?.readUInt32BE(0) !== qcow2Magic) return undefined;
  if (header.readUInt32BE(4) < 3) return [];
  const disk = { sizeBytes: Number(header.readBigUInt64BE(24)), clusterBytes: 2 ** header.readUInt32BE(20) };
  // A writer that knows no bitmaps clears the bit: what the extension names is out of date then.
  if ((header.readBigUInt64BE(88) & 1n) === 0n) return [];
  const extension = [...extensionsOf(header)].find(({ type }) => type === extensionTypes.bitmaps)?.body;
  if (!extension || extension.length < 24) return [];
  const directory = readAt(Number(extension.readBigUInt64BE(16)), Number(extension.readBigUInt64BE(8)));
  return directory && readDirectory(directory, extension.readUInt32BE(0), disk, readAt);
}

function readDirectory(
  directory: Buffer,
  count: number,
  disk: Disk,
  readAt: ReadAt,
): StoredBitmap[] | undefined {
  const found: StoredBitmap[] = [];
  for (let at = 0; found.length < count; ) {
    if (at + entryBytes > directory.length) return undefined;
    const [nameBytes, extraBytes] = [directory.readUInt16BE(at + 18), directory.readUInt32BE(at + 20)];
    const nameAt = at + entryBytes + extraBytes;
    const table = readAt(Number(directory.readBigUInt64BE(at)), directory.readUInt32BE(at + 8) * 8);
    const granularityBytes = 2 ** directory.readUInt8(at + 17);
    const dirty = table && readTable(table, granularityBytes, disk, readAt);
    if (!dirty) return undefined;
    found.push({
      bitmap: directory.toString('utf8', nameAt, nameAt + nameBytes),
      granularityBytes,
      inUse: (directory.readUInt32BE(at + 12) & 1) === 1,
      dirty,
    });
    at += Math.ceil((entryBytes + extraBytes + nameBytes) / 8) * 8;
  }
  return found;
}

/** An entry stands for a cluster of bits: one that lies nowhere has all of them set, or none. */
function readTable(
  table: Buffer,
  granularityBytes: number,
  { sizeBytes, clusterBytes }: Disk,
  readAt: ReadAt,
): StoredBitmap['dirty'] | undefined {
  const dirty: StoredBitmap['dirty'] = [];
  const coveredBytes = clusterBytes * 8 * granularityBytes;
  for (let i = 0; i * 8 < table.length; i++) {
    const entry = table.readBigUInt64BE(i * 8);
    const from = i * coveredBytes;
    const offset = placeOf(entry);
    if (offset === 0) {
      if ((entry & 1n) === 1n) append(dirty, from, Math.min(from + coveredBytes, sizeBytes));
      continue;
    }
    const bits = readAt(offset, clusterBytes);
    if (!bits) return undefined;
    const bytesUsed = Math.ceil((sizeBytes - from) / granularityBytes / 8);
    for (const [byte, value] of bits.subarray(0, bytesUsed).entries())
      for (let bit = 0; value >> bit > 0; bit++) {
        const at = from + (byte * 8 + bit) * granularityBytes;
        if (((value >> bit) & 1) === 1) append(dirty, at, Math.min(at + granularityBytes, sizeBytes));
      }
  }
  return dirty;
}

function append(dirty: StoredBitmap['dirty'], from: number, to: number): void {
  if (from >= to) return;
  const last = dirty.at(-1);
  if (last && last[0] + last[1] === from) last[1] += to - from;
  else dirty.push([from, to - from]);
}

const entryBytes = 24;
