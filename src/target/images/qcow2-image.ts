import { deflateRawSync } from 'node:zlib';
import type { Qcow2Features } from '../../sequence/arena.ts';
import { allocatedRuns, type ByteRun, zeroRuns } from '../../sequence/fill.ts';
import { withZeroes } from './image-format.ts';
import { luksHeader } from './luks-header.ts';

/** A piece of a file; what no piece covers is a hole. */
export type Part = { offsetBytes: number; bytes: Buffer };

export type Qcow2Spec = {
  sizeBytes: number;
  clusterBytes: number;
  /** Where the disk has data of its own, and the data. */
  runs: readonly ByteRun[];
  contentAt(offsetBytes: number, lengthBytes: number): Buffer;
  backing?: { file: string; format: string };
  /** The name of the data file beside it, where `dataFile` says that there is one; its bytes are a raw image's. */
  dataFileName?: string;
  /** Runs whose whole clusters say that they hold zeroes, where there is no data. */
  zeroes?: readonly ByteRun[];
} & Qcow2Features;

/**
 * A qcow2 image (version 3, 16-bit refcounts; docs/interop/qcow2.rst) as the pieces of its file. qemu-img would make the
 * same, but starting it costs more than a whole sequence does. Laid out as: header, refcount table and blocks, L1 table,
 * L2 tables, the LUKS header of an encrypted one, data; every cluster in use is counted once.
 */
export function qcow2Image(spec: Qcow2Spec): { lengthBytes: number; parts(): Generator<Part> } {
  const { clusterBytes, contentAt, zeroes = [], extendedL2 = false, snapshots = 0 } = spec;
  // QEMU rounds a virtual size up to whole sectors.
  const sizeBytes = Math.ceil(spec.sizeBytes / 512) * 512;
  const isWhole = spec.preallocation !== undefined || spec.dataFile === 'raw';
  const held = clustersIn(isWhole ? [[0, sizeBytes]] : spec.runs);
  const isHeld = new Set(held);
  const hidden = clustersIn(zeroRuns(zeroes, sizeBytes, clusterBytes));
  const isHidden = new Set(hidden);
  const zeroed = hidden.filter((cluster) => !isHeld.has(cluster));
  const entriesPerTable = clusterBytes / (extendedL2 ? 16 : 8);
  const l1Size = Math.ceil(sizeBytes / (clusterBytes * entriesPerTable));
  const tables = [
    ...new Set([...held, ...zeroed].map((cluster) => Math.floor(cluster / entriesPerTable))),
  ].sort((one, other) => one - other);
  const l1Clusters = Math.ceil((l1Size * 8) / clusterBytes);
  const snapshotClusters = snapshots > 0 ? 1 + snapshots * l1Clusters : 0;
  const luks = spec.encrypted ? luksHeader() : undefined;
  const luksClusters = Math.ceil((luks?.payloadBytes ?? 0) / clusterBytes);
  const heldHere = spec.dataFile ? 0 : held.length;
  const { tableClusters, blocks } = refcounts(
    1 + l1Clusters + snapshotClusters + tables.length + luksClusters + heldHere,
    clusterBytes,
  );

  const blocksAt = 1 + tableClusters;
  const l1At = blocksAt + blocks;
  const snapshotsAt = l1At + l1Clusters;
  const l2At = snapshotsAt + snapshotClusters;
  const luksAt = l2At + tables.length;
  const dataAt = luksAt + luksClusters;
  const total = dataAt + heldHere;
  const at = (cluster: number): number => cluster * clusterBytes;
  // What a snapshot shares is counted for it, too, and is not the image's alone.
  const owned = snapshots > 0 ? 0n : copied;
  const places = new Map(held.map((cluster, i) => [cluster, at(spec.dataFile ? cluster : dataAt + i)]));
  const small = spec.compressed ? compressed() : new Map<number, Buffer>();

  return { lengthBytes: at(total), parts };

  function* parts(): Generator<Part> {
    yield { offsetBytes: 0, bytes: header() };
    yield {
      offsetBytes: at(1),
      bytes: table(
        Array.from({ length: blocks }, (_, i) => at(blocksAt + i)),
        0n,
      ),
    };
    yield { offsetBytes: at(blocksAt), bytes: counts(total, l2At, 1 + snapshots) };
    if (tables.length > 0) yield { offsetBytes: at(l1At), bytes: l1Table(owned) };
    if (snapshots > 0) {
      yield { offsetBytes: at(snapshotsAt), bytes: snapshotTable() };
      for (let i = 0; i < snapshots && l1Size > 0; i++)
        yield { offsetBytes: at(snapshotsAt + 1 + i * l1Clusters), bytes: l1Table(0n) };
    }
    for (const [i, number] of tables.entries()) yield { offsetBytes: at(l2At + i), bytes: l2Table(number) };
    if (luks) yield { offsetBytes: at(luksAt), bytes: luks.bytes };
    if (luks || spec.preallocation === 'full') yield* wholeClusters();
    else if (!spec.dataFile) yield* data();
  }

  function* data(): Generator<Part> {
    for (const [cluster, bytes] of small) yield { offsetBytes: places.get(cluster) ?? 0, bytes };
    for (const [offset, length] of spec.runs) {
      for (const [guest, part] of withinClusters(offset, length, clusterBytes)) {
        const cluster = Math.floor(guest / clusterBytes);
        if (small.has(cluster)) continue;
        yield {
          offsetBytes: (places.get(cluster) ?? 0) + (guest % clusterBytes),
          bytes: contentAt(guest, part),
        };
      }
    }
  }

  /** With the zeroes around the data; encrypted by where they lie. */
  function* wholeClusters(): Generator<Part> {
    if (spec.dataFile) return;
    for (const [cluster, offsetBytes] of places) {
      const bytes = withZeroes(spec, at(cluster), clusterBytes);
      luks?.cipher.encrypt(bytes, offsetBytes / 512);
      yield { offsetBytes, bytes };
    }
  }

  function clustersIn(runs: readonly ByteRun[]): number[] {
    return allocatedRuns(runs, sizeBytes, clusterBytes).flatMap(([offset, length]) =>
      Array.from({ length: Math.ceil(length / clusterBytes) }, (_, i) => offset / clusterBytes + i),
    );
  }

  /** Those that are smaller for it, each in a cluster of the file by itself. */
  function compressed(): Map<number, Buffer> {
    const whole = new Map(held.map((cluster) => [cluster, Buffer.alloc(clusterBytes)]));
    for (const [offset, length] of spec.runs)
      for (const [guest, part] of withinClusters(offset, length, clusterBytes))
        contentAt(guest, part).copy(
          whole.get(Math.floor(guest / clusterBytes)) as Buffer,
          guest % clusterBytes,
        );
    return new Map(
      [...whole]
        .map(([cluster, bytes]): [number, Buffer] => [cluster, deflateRawSync(bytes, { windowBits: 12 })])
        .filter(([, bytes]) => bytes.length < clusterBytes - 512),
    );
  }

  function header(): Buffer {
    const bytes = Buffer.alloc(clusterBytes);
    bytes.write('QFI\xfb', 0, 'latin1');
    bytes.writeUInt32BE(3, 4);
    bytes.writeUInt32BE(Math.log2(clusterBytes), 20);
    bytes.writeBigUInt64BE(BigInt(sizeBytes), 24);
    bytes.writeUInt32BE(l1Size, 36);
    bytes.writeBigUInt64BE(BigInt(l1Size === 0 ? 0 : at(l1At)), 40);
    bytes.writeBigUInt64BE(BigInt(at(1)), 48);
    bytes.writeUInt32BE(tableClusters, 56);
    bytes.writeUInt32BE(snapshots, 60);
    bytes.writeBigUInt64BE(BigInt(snapshots > 0 ? at(snapshotsAt) : 0), 64);
    if (luks) bytes.writeUInt32BE(2, 32);
    bytes.writeBigUInt64BE((extendedL2 ? 16n : 0n) | (spec.dataFile ? 4n : 0n), 72); // incompatible features
    bytes.writeBigUInt64BE(spec.dataFile === 'raw' ? 2n : 0n, 88); // features that a writer who knows them not clears
    bytes.writeUInt32BE(4, 96); // refcount order: 2^4 bits
    bytes.writeUInt32BE(headerBytes, 100);
    const { backing, dataFileName } = spec;
    const endAt = extensions(bytes, [
      ...(backing ? [[0xe2792aca, Buffer.from(backing.format)] as const] : []),
      ...(spec.dataFile && dataFileName ? [[0x44415441, Buffer.from(dataFileName)] as const] : []),
      ...(luks ? [[0x0537be77, placeOf(at(luksAt), luks.payloadBytes)] as const] : []),
    ]);
    if (backing) {
      bytes.writeBigUInt64BE(BigInt(endAt), 8);
      bytes.writeUInt32BE(bytes.write(backing.file, endAt, 'utf8'), 16);
    }
    return bytes;
  }

  function l1Table(flag: bigint): Buffer {
    const entries = new Array<number>(l1Size).fill(0);
    for (const [i, l2] of tables.entries()) entries[l2] = at(l2At + i);
    return table(entries, flag);
  }

  function snapshotTable(): Buffer {
    return Buffer.concat(
      Array.from({ length: snapshots }, (_, i) => {
        const entry = Buffer.alloc(64);
        entry.writeBigUInt64BE(BigInt(l1Size === 0 ? 0 : at(snapshotsAt + 1 + i * l1Clusters)), 0);
        entry.writeUInt32BE(l1Size, 8);
        entry.writeUInt16BE(1, 12); // the id's length, and the name's
        entry.writeUInt16BE(2, 14);
        entry.writeUInt32BE(16, 36); // extra data: the large state's size, the disk's size
        entry.writeBigUInt64BE(BigInt(sizeBytes), 48);
        entry.write(`${i + 1}s${i}`, 56, 'latin1');
        return entry;
      }),
    );
  }

  function l2Table(number: number): Buffer {
    const bytes = Buffer.alloc(clusterBytes);
    const first = number * entriesPerTable;
    const entryAt = (cluster: number): number => (cluster - first) * (clusterBytes / entriesPerTable);
    const within = (cluster: number): boolean => first <= cluster && cluster < first + entriesPerTable;
    for (const cluster of held.filter(within)) {
      const place = BigInt(places.get(cluster) ?? 0);
      const bytesHeld = small.get(cluster)?.length;
      bytes.writeBigUInt64BE(
        bytesHeld === undefined ? place | owned : asCompressed(place, bytesHeld),
        entryAt(cluster),
      );
    }
    if (!extendedL2)
      for (const cluster of zeroed.filter(within)) bytes.writeBigUInt64BE(1n, entryAt(cluster));
    else {
      for (const cluster of zeroed.filter(within)) bytes.writeUInt32BE(0xffffffff, entryAt(cluster) + 8);
      for (const [cluster, bits] of subclusters()) {
        if (!within(cluster)) continue;
        bytes.writeUInt32BE(bits, entryAt(cluster) + 12);
        // What of it has no data says that it holds zeroes.
        if (isHidden.has(cluster)) bytes.writeUInt32BE(~bits >>> 0, entryAt(cluster) + 8);
      }
    }
    return bytes;
  }

  /** Which of its 32 parts a cluster has; of one that is compressed that is not asked. */
  function subclusters(): Map<number, number> {
    const part = clusterBytes / 32;
    const bits = new Map<number, number>();
    for (const [offset, length] of allocatedRuns(isWhole ? [[0, sizeBytes]] : spec.runs, sizeBytes, part))
      for (let guest = offset; guest < offset + length; guest += part) {
        const cluster = Math.floor(guest / clusterBytes);
        const bit = (2 ** ((guest % clusterBytes) / part)) >>> 0;
        if (!small.has(cluster)) bits.set(cluster, ((bits.get(cluster) ?? 0) | bit) >>> 0);
      }
    return bits;
  }

  /** Where it begins, and how many sectors it takes beside the first. */
  function asCompressed(place: bigint, lengthBytes: number): bigint {
    const shift = BigInt(62 - (Math.log2(clusterBytes) - 8));
    return (1n << 62n) | place | (BigInt(Math.floor((lengthBytes - 1) / 512)) << shift);
  }
}

const headerBytes = 104;
/** Bit 63 of an L1 or L2 entry: the refcount of what it points to is one. */
const copied = 1n << 63n;

/** Header extensions, of a type and what it says; one of type 0 ends them. Where what follows them may begin. */
function extensions(header: Buffer, all: readonly (readonly [type: number, bytes: Buffer])[]): number {
  let at = headerBytes;
  for (const [type, bytes] of all) {
    header.writeUInt32BE(type, at);
    header.writeUInt32BE(bytes.length, at + 4);
    bytes.copy(header, at + 8);
    at += 8 + Math.ceil(bytes.length / 8) * 8;
  }
  return at + 8;
}

function placeOf(offsetBytes: number, lengthBytes: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64BE(BigInt(offsetBytes), 0);
  bytes.writeBigUInt64BE(BigInt(lengthBytes), 8);
  return bytes;
}

/** How many clusters the refcounts take, which are counted themselves. */
function refcounts(others: number, clusterBytes: number): { tableClusters: number; blocks: number } {
  const countsPerBlock = clusterBytes / 2;
  let [tableClusters, blocks] = [1, 1];
  for (;;) {
    const needed = Math.ceil((others + tableClusters + blocks) / countsPerBlock);
    const neededTable = Math.ceil((needed * 8) / clusterBytes);
    if (needed === blocks && neededTable === tableClusters) return { tableClusters, blocks };
    [tableClusters, blocks] = [neededTable, needed];
  }
}

/** `shared`: how often the clusters from `sharedFrom` on are in use. */
function counts(clusters: number, sharedFrom: number, shared: number): Buffer {
  const bytes = Buffer.alloc(clusters * 2);
  for (let i = 0; i < clusters; i++) bytes.writeUInt16BE(i < sharedFrom ? 1 : shared, i * 2);
  return bytes;
}

function table(offsets: readonly number[], flag: bigint): Buffer {
  const bytes = Buffer.alloc(offsets.length * 8);
  for (const [i, offset] of offsets.entries())
    if (offset > 0) bytes.writeBigUInt64BE(BigInt(offset) | flag, i * 8);
  return bytes;
}

function* withinClusters(offset: number, length: number, clusterBytes: number): Generator<ByteRun> {
  for (let at = offset; at < offset + length; ) {
    const end = Math.min(at - (at % clusterBytes) + clusterBytes, offset + length);
    yield [at, end - at];
    at = end;
  }
}
