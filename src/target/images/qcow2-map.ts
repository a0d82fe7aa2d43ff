import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type ImageFormat, imageFormats } from '../../sequence/arena.ts';
import type { FormatMap, OwnStretch, Sealed } from './image-format.ts';
import { openLuks } from './luks-header.ts';
import { extensionsOf, extensionTypes, headerBytesMax, placeOf, qcow2Magic } from './qcow2-header.ts';

/** What no stretch covers shows the backing file, or is zero where there is none. */
export type Qcow2Map = FormatMap & {
  backing?: { file: string; format: ImageFormat };
  /** The file that the clusters lie in, where it is not the image's own. */
  dataFile?: string;
};

/**
 * Reads a qcow2 image's tables (docs/interop/qcow2.rst). undefined: it has what this does not read, such as compressed
 * clusters, extended L2 entries or a table that is not there; qemu-img is to be asked then.
 */
export function mapQcow2(path: string): Qcow2Map | undefined {
  const map = clustersOf(path);
  return map === 'compressed' ? undefined : map;
}

/** As `mapQcow2`; 'compressed': the first cluster was met that is. */
export function clustersOf(path: string): Qcow2Map | 'compressed' | undefined {
  const fd = openSync(path, 'r');
  try {
    return readTables(fd);
  } finally {
    closeSync(fd);
  }
}

function readTables(fd: number): Qcow2Map | 'compressed' | undefined {
  const fileBytes = fstatSync(fd).size;
  const header = readHeader(fd, fileBytes);
  if (!header) return undefined;
  const version = header.readUInt32BE(4);
  const incompatible = version >= 3 && header.length >= 104 ? header.readBigUInt64BE(72) : 0n;
  if ((incompatible & ~readable) !== 0n) return undefined;
  const dataFile =
    (incompatible & externalData) === 0n ? undefined : extensionOf(header, extensionTypes.dataFileName);
  const sealed = header.readUInt32BE(32) === 0 ? undefined : sealedBy(header);
  if (sealed === 'locked' || ((incompatible & externalData) !== 0n && !dataFile)) return undefined;
  const sizeBytes = Number(header.readBigUInt64BE(24));
  const clusterBytes = 2 ** header.readUInt32BE(20);
  const backing = backingOf(header);
  if (backing === 'strange') return undefined;

  const own: OwnStretch[] = [];
  const entries = clusterBytes / 8;
  const l1 = at(Number(header.readBigUInt64BE(40)), header.readUInt32BE(36) * 8);
  if (!l1) return undefined;
  for (let i = 0; i * 8 < l1.length; i++) {
    const l2At = placeOf(l1.readBigUInt64BE(i * 8));
    if (l2At === 0) continue;
    const l2 = at(l2At, clusterBytes);
    if (!l2) return undefined;
    for (let j = 0; j < entries; j++) {
      const entry = l2.readBigUInt64BE(j * 8);
      if (entry === 0n) continue;
      if ((entry & compressed) !== 0n) return 'compressed';
      const startBytes = (i * entries + j) * clusterBytes;
      const lengthBytes = Math.min(clusterBytes, sizeBytes - startBytes);
      const isZero = version >= 3 && (entry & 1n) === 1n;
      const offset = placeOf(entry);
      // In a data file of its own the first cluster lies at 0.
      const isThere = offset !== 0 || (dataFile !== undefined && entry >> 63n === 1n);
      if (lengthBytes <= 0 || (!isZero && !isThere)) continue;
      append(own, { startBytes, lengthBytes, offsetBytes: isZero ? undefined : offset });
    }
  }
  return {
    sizeBytes,
    own,
    ...(backing ? { backing } : {}),
    ...(dataFile ? { dataFile: dataFile.toString('utf8') } : {}),
    ...(sealed ? { sealed } : {}),
  };

  /** Clusters are encrypted by where they lie in the file. */
  function sealedBy(head: Buffer): Sealed | 'locked' {
    const place = extensionOf(head, extensionTypes.encryptionHeader);
    const from = place?.length === 16 ? Number(place.readBigUInt64BE(0)) : undefined;
    const luks = from === undefined ? undefined : openLuks((offset, length) => at(from + offset, length));
    return luks ? { cipher: luks.cipher, firstByteAt: 0 } : 'locked';
  }

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
export function backingIn(path: string): BackingNamed | undefined {
  const fd = openSync(path, 'r');
  try {
    const header = readHeader(fd, fstatSync(fd).size);
    return header && backingNamedBy(header);
  } finally {
    closeSync(fd);
  }
}

type BackingNamed = { file: string; format?: string };

/** Of a header that has been read. */
export function backingNamedBy(header: Buffer): BackingNamed | undefined {
  const file = backingName(header);
  if (file === undefined) return undefined;
  const format = backingFormatIn(header);
  return { file, ...(format === '' ? {} : { format }) };
}

function readHeader(fd: number, fileBytes: number): Buffer | undefined {
  const header = readWhole(fd, 0, Math.min(fileBytes, headerBytesMax));
  return header && header.length >= 72 && header.readUInt32BE(0) === qcow2Magic ? header : undefined;
}

function readWhole(fd: number, offset: number, length: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(length);
  return readSync(fd, bytes, 0, length, offset) === length ? bytes : undefined;
}

function backingName(header: Buffer): string | undefined {
  const nameAt = Number(header.readBigUInt64BE(8));
  return nameAt === 0 ? undefined : header.toString('utf8', nameAt, nameAt + header.readUInt32BE(16));
}

/** What an image's header says of how it is to be opened; undefined where it is no qcow2 image. */
export function qcow2Facts(path: string):
  | {
      isEncrypted: boolean;
      dataFile: string | undefined;
      /** As it stands there, be it a file's name or options. */
      backing: string | undefined;
      /** Where that names a file, and its format. */
      below: { file: string; format: ImageFormat } | undefined;
    }
  | undefined {
  const fd = openSync(path, 'r');
  try {
    const header = readHeader(fd, fstatSync(fd).size);
    if (!header) return undefined;
    const below = backingOf(header);
    return {
      isEncrypted: header.readUInt32BE(32) !== 0,
      dataFile: extensionOf(header, extensionTypes.dataFileName)?.toString('utf8'),
      backing: backingName(header),
      below: below === 'strange' ? undefined : below,
    };
  } finally {
    closeSync(fd);
  }
}

/** Of the header's extensions; empty where it has none. */
const backingFormatIn = (header: Buffer): string =>
  extensionOf(header, extensionTypes.backingFormat)?.toString('utf8') ?? '';

function extensionOf(header: Buffer, wanted: number): Buffer | undefined {
  for (const { type, body } of extensionsOf(header)) if (type === wanted) return body;
  return undefined;
}

/** A name that is more than a file's, or whose format is not given, is for QEMU to understand. */
function backingOf(header: Buffer): Qcow2Map['backing'] | 'strange' {
  const file = backingName(header);
  if (file === undefined) return undefined;
  const format = backingFormatIn(header);
  const isFile = file !== '' && !/^[a-z]+:/.test(file);
  const known = imageFormats.find((each) => each === format);
  return isFile && known ? { file, format: known } : 'strange';
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

const compressed = 1n << 62n;
/** Dirty and corrupt images can be read; so can those of another compression, while nothing is compressed. */
const readable = 0b1111n;
const externalData = 0b100n;
