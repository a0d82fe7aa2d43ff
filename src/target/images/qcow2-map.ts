import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ImageFormat } from '../../sequence/arena.ts';

/** Where a qcow2 image's own content lies: `offsetBytes` in its file, or undefined where it is zero. Sorted. */
export type OwnStretch = { startBytes: number; lengthBytes: number; offsetBytes: number | undefined };

export type Qcow2Map = {
  sizeBytes: number;
  /** What none of them covers shows the backing file, or is zero where there is none. */
  own: OwnStretch[];
  backing?: { file: string; format: ImageFormat };
};

/**
 * Reads a qcow2 image's tables (docs/interop/qcow2.rst). undefined: it has what this does not read, such as compressed
 * clusters, extended L2 entries, an external data file or a table that is not there; qemu-img is to be asked then.
 */
export function mapQcow2(path: string): Qcow2Map | undefined {
  const fd = openSync(path, 'r');
  try {
    return readTables(fd);
  } finally {
    closeSync(fd);
  }
}

function readTables(fd: number): Qcow2Map | undefined {
  const fileBytes = fstatSync(fd).size;
  const header = readHeader(fd, fileBytes);
  if (!header) return undefined;
  const version = header.readUInt32BE(4);
  const incompatible = version >= 3 && header.length >= 104 ? header.readBigUInt64BE(72) : 0n;
  if ((incompatible & ~readable) !== 0n || header.readUInt32BE(32) !== 0) return undefined;
  const sizeBytes = Number(header.readBigUInt64BE(24));
  const clusterBytes = 2 ** header.readUInt32BE(20);
  const backing = backingOf(header);
  if (backing === 'strange') return undefined;

  const own: OwnStretch[] = [];
  const entries = clusterBytes / 8;
  const l1 = at(Number(header.readBigUInt64BE(40)), header.readUInt32BE(36) * 8);
  if (!l1) return undefined;
  for (let i = 0; i * 8 < l1.length; i++) {
    const l2At = pointer(l1.readBigUInt64BE(i * 8));
    if (l2At === 0) continue;
    const l2 = at(l2At, clusterBytes);
    if (!l2) return undefined;
    for (let j = 0; j < entries; j++) {
      const entry = l2.readBigUInt64BE(j * 8);
      if (entry === 0n) continue;
      if ((entry & compressed) !== 0n) return undefined;
      const startBytes = (i * entries + j) * clusterBytes;
      const lengthBytes = Math.min(clusterBytes, sizeBytes - startBytes);
      const isZero = version >= 3 && (entry & 1n) === 1n;
      const offset = pointer(entry);
      if (lengthBytes <= 0 || (!isZero && offset === 0)) continue;
      append(own, { startBytes, lengthBytes, offsetBytes: isZero ? undefined : offset });
    }
  }
  return { sizeBytes, own, ...(backing ? { backing } : {}) };

  function at(offset: number, length: number): Buffer | undefined {
    return offset + length > fileBytes ? undefined : readWhole(fd, offset, length);
  }
}

/** What the header of an image calls its backing file, be that a file or not; undefined where it has none, or is no qcow2. */
export function backingNameIn(path: string): string | undefined {
  const fd = openSync(path, 'r');
  try {
    const header = readHeader(fd, fstatSync(fd).size);
    return header && backingName(header);
  } finally {
    closeSync(fd);
  }
}

/** The backing file that the header of an image names, and its format, where it gives one. */
export function backingIn(path: string): { file: string; format?: string } | undefined {
  const fd = openSync(path, 'r');
  try {
    const header = readHeader(fd, fstatSync(fd).size);
    const file = header && backingName(header);
    if (!header || file === undefined) return undefined;
    const format = backingFormatIn(header);
    return { file, ...(format === '' ? {} : { format }) };
  } finally {
    closeSync(fd);
  }
}

function readHeader(fd: number, fileBytes: number): Buffer | undefined {
  const header = readWhole(fd, 0, Math.min(fileBytes, headerBytesMax));
  return header && header.length >= 72 && header.readUInt32BE(0) === magic ? header : undefined;
}

function readWhole(fd: number, offset: number, length: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(length);
  return readSync(fd, bytes, 0, length, offset) === length ? bytes : undefined;
}

function backingName(header: Buffer): string | undefined {
  const nameAt = Number(header.readBigUInt64BE(8));
  return nameAt === 0 ? undefined : header.toString('utf8', nameAt, nameAt + header.readUInt32BE(16));
}

/** Of the header's extensions; empty where it has none. */
function backingFormatIn(header: Buffer): string {
  const nameAt = Number(header.readBigUInt64BE(8));
  const isLong = header.readUInt32BE(4) >= 3 && header.length >= 104;
  for (let at = isLong ? header.readUInt32BE(100) : 72; at + 8 <= Math.min(nameAt, header.length); ) {
    const [type, length] = [header.readUInt32BE(at), header.readUInt32BE(at + 4)];
    if (type === 0) break;
    if (type === backingFormat) return header.toString('utf8', at + 8, at + 8 + length);
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return '';
}

/** A name that is more than a file's, or whose format is not given, is for QEMU to understand. */
function backingOf(header: Buffer): Qcow2Map['backing'] | 'strange' {
  const file = backingName(header);
  if (file === undefined) return undefined;
  const format = backingFormatIn(header);
  const isFile = file !== '' && !/^[a-z]+:/.test(file);
  return isFile && (format === 'raw' || format === 'qcow2') ? { file, format } : 'strange';
}

function append(own: OwnStretch[], next: OwnStretch): void {
  const last = own.at(-1);
  const follows = last !== undefined && last.startBytes + last.lengthBytes === next.startBytes;
  const goesOn =
    last?.offsetBytes === undefined
      ? next.offsetBytes === undefined
      : last.offsetBytes + last.lengthBytes === next.offsetBytes;
  if (follows && goesOn) last.lengthBytes += next.lengthBytes;
  else own.push(next);
}

/** Bits 9 to 55 of an L1 or L2 entry. */
const pointer = (entry: bigint): number => Number(entry & 0x00fffffffffffe00n);
const compressed = 1n << 62n;
const magic = 0x514649fb;
const backingFormat = 0xe2792aca;
/** Dirty and corrupt images can be read; so can those of another compression, while nothing is compressed. */
const readable = 0b1011n;
/** Header, extensions and the backing file's name lie in the first cluster; names are at most 1023 bytes. */
const headerBytesMax = 65_536;
