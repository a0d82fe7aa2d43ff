import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { extensionsOf, extensionTypes, headerBytesMax, placeOf, qcow2Magic } from './qcow2-header.ts';
import { backingNamedBy } from './qcow2-map.ts';

/**
 * Whether a qcow2 image's tables and reference counts agree in all that `qemu-img check` looks at (docs/interop/qcow2.rst).
 * Costs no process. False says nothing against the image: it may be broken, be open in some program, or have what this
 * does not follow (a key, snapshots, bitmaps, a data file, compressed clusters, extended L2 entries). `qemu-img` is to be asked.
 */
export function isSoundQcow2(path: string, depthMax = chainMax): boolean {
  const fd = openSync(path, 'r');
  try {
    const { size, ino } = fstatSync(fd);
    const image: Image = {
      fileBytes: size,
      readAt(offsetBytes, lengthBytes) {
        const bytes = Buffer.allocUnsafe(lengthBytes);
        return readSync(fd, bytes, 0, lengthBytes, offsetBytes) === lengthBytes ? bytes : undefined;
      },
    };
    const header = isLockedHere(ino) ? undefined : image.readAt(0, Math.min(size, headerBytesMax));
    return (
      header !== undefined && isPlain(header) && agrees(header, image) && opensBelow(path, header, depthMax)
    );
  } finally {
    closeSync(fd);
  }
}

/** Whether QEMU opens what the header names as its backing file. */
function opensBelow(path: string, header: Buffer, depthMax: number): boolean {
  const named = backingNamedBy(header);
  if (!named) return true;
  const below = resolve(dirname(path), named.file);
  if (/^[a-z]+:/.test(named.file) || depthMax === 0 || !existsSync(below)) return false;
  if (named.format === 'raw') return !isLockedHere(statSync(below).ino);
  return named.format === 'qcow2' && isSoundQcow2(below, depthMax - 1);
}

type Image = {
  fileBytes: number;
  /** undefined where the file ends before. */
  readAt(offsetBytes: number, lengthBytes: number): Buffer | undefined;
};

/** `qemu-img check` would be refused its lock then. Another file with the same number only costs a run of qemu-img. */
function isLockedHere(inode: number): boolean {
  try {
    return readFileSync('/proc/locks', 'latin1').includes(`:${inode} `);
  } catch {
    return true; // no kernel that tells
  }
}

function agrees(header: Buffer, { fileBytes, readAt }: Image): boolean {
  const clusterBytes = 2 ** header.readUInt32BE(20);
  /** 1: something of the image lies in that cluster of the file. */
  const taken = new Uint8Array(Math.ceil(fileBytes / clusterBytes));

  const l1 = table(Number(header.readBigUInt64BE(40)), header.readUInt32BE(36));
  const refcounts = table(Number(header.readBigUInt64BE(48)), (header.readUInt32BE(56) * clusterBytes) / 8);
  if (!l1 || !refcounts || !take(0, 1)) return false;
  for (let i = 0; i < l1.length; i += 8) {
    const entry = l1.readBigUInt64BE(i);
    if (entry === 0n) continue;
    if ((entry & l1Reserved) !== 0n || !isCounted(entry)) return false;
    const l2 = cluster(placeOf(entry));
    if (!l2) return false;
    for (let j = 0; j < l2.length; j += 8) if (!isSoundL2Entry(l2.readBigUInt64BE(j))) return false;
  }
  const blocks: (Buffer | undefined)[] = [];
  for (let i = 0; i < refcounts.length; i += 8) {
    const entry = refcounts.readBigUInt64BE(i);
    if (entry === 0n) {
      blocks.push(undefined);
      continue;
    }
    if ((entry & 0x1ffn) !== 0n) return false;
    const block = cluster(Number(entry));
    if (!block) return false;
    blocks.push(block);
  }
  return countsAre(taken, blocks, header.readUInt32BE(4) < 3 ? 4 : header.readUInt32BE(96));

  /** Whole clusters of the file, none of which is another's. */
  function take(offset: number, lengthBytes: number): boolean {
    if (offset % clusterBytes !== 0 || offset + lengthBytes > taken.length * clusterBytes) return false;
    for (let at = offset / clusterBytes; at * clusterBytes < offset + lengthBytes; at++) {
      if (taken[at] === 1) return false;
      taken[at] = 1;
    }
    return true;
  }

  function table(offset: number, entries: number): Buffer | undefined {
    return take(offset, entries * 8) ? readAt(offset, entries * 8) : undefined;
  }

  function cluster(offset: number): Buffer | undefined {
    return table(offset, clusterBytes / 8);
  }

  function isSoundL2Entry(entry: bigint): boolean {
    if (entry === 0n) return true;
    if ((entry & l2Unknown) !== 0n) return false;
    if ((entry & 1n) === 1n && header.readUInt32BE(4) < 3) return false;
    const offset = placeOf(entry);
    if (offset === 0) return !isCounted(entry);
    return isCounted(entry) && take(offset, clusterBytes);
  }
}

/** QEMU opens it, all of it is followed here, and nothing says that it was not closed in order. */
function isPlain(header: Buffer): boolean {
  if (header.length < 112 || header.readUInt32BE(0) !== qcow2Magic) return false;
  const [version, clusterBits] = [header.readUInt32BE(4), header.readUInt32BE(20)];
  const [nameAt, nameBytes] = [Number(header.readBigUInt64BE(8)), header.readUInt32BE(16)];
  const [encryption, snapshots] = [header.readUInt32BE(32), header.readUInt32BE(60)];
  const [l1Entries, refcountClusters] = [header.readUInt32BE(36), header.readUInt32BE(56)];
  const followed =
    clusterBits >= 9 &&
    clusterBits <= 21 &&
    l1Entries <= tableBytesMax / 8 &&
    refcountClusters * 2 ** clusterBits <= tableBytesMax &&
    header.readBigUInt64BE(24) <= BigInt(l1Entries) << BigInt(2 * clusterBits - 3) &&
    encryption === 0 &&
    (nameAt === 0 || (nameBytes <= 1023 && nameAt + nameBytes <= 2 ** clusterBits)) &&
    snapshots === 0 &&
    hasPlainExtensions(header);
  if (!followed || version === 2) return followed;
  const headerBytes = header.readUInt32BE(100);
  const compression = headerBytes > 104 ? header.readUInt8(104) : 0;
  return (
    version === 3 &&
    header.readBigUInt64BE(72) === 0n &&
    header.readUInt32BE(96) <= 6 &&
    (headerBytes === 104 || headerBytes === 112) &&
    compression === 0
  );
}

/** None speaks of bitmaps, a data file or a key. */
const hasPlainExtensions = (header: Buffer): boolean =>
  [...extensionsOf(header.subarray(0, 2 ** header.readUInt32BE(20)))].every(({ type, lengthBytes, body }) => {
    const isPlain =
      type === extensionTypes.featureNames ||
      (type === extensionTypes.backingFormat && lengthBytes < backingFormatBytesMax);
    return isPlain && body.length === lengthBytes;
  });

/** Whether each cluster counts as often as it is used, so once or never; `order`: two to its power bits a count. */
function countsAre(taken: Uint8Array, blocks: readonly (Buffer | undefined)[], order: number): boolean {
  const bits = 2 ** order;
  let covered = 0;
  for (const [n, block] of blocks.entries()) {
    if (!block) continue;
    const counts = (block.length * 8) / bits;
    for (let i = 0; i < counts; i++) if (count(block, i, bits) !== (taken[n * counts + i] ?? 0)) return false;
    covered += Math.min(counts, Math.max(taken.length - n * counts, 0));
  }
  return covered === taken.length;
}

function count(block: Buffer, i: number, bits: number): number {
  switch (bits) {
    case 64:
      return Number(block.readBigUInt64BE(i * 8));
    case 32:
      return block.readUInt32BE(i * 4);
    case 16:
      return block.readUInt16BE(i * 2);
    case 8:
      return block.readUInt8(i);
    default:
      return (block.readUInt8(Math.floor((i * bits) / 8)) >> ((i * bits) % 8)) & (2 ** bits - 1);
  }
}

/** "1 for standard clusters whose refcount is exactly one", as each is here. */
const isCounted = (entry: bigint): boolean => entry >> 63n === 1n;
const l1Reserved = 0x7f000000000001ffn;
/** What is reserved, and that it is compressed. */
const l2Unknown = 0x7f000000000001fen;
/** QEMU opens no larger L1 or refcount table (block/qcow2.h: QCOW_MAX_L1_SIZE, QCOW_MAX_REFTABLE_SIZE). */
const tableBytesMax = 8 * 2 ** 20;
/** A longer one is "too long" (block/qcow2.c). */
const backingFormatBytesMax = 16;
/** A header may name its own image. */
const chainMax = 100;
