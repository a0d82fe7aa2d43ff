import { allocatedRuns, type ByteRun } from '../../sequence/fill.ts';

/** A piece of a file; what no piece covers is a hole. */
export type Part = { offsetBytes: number; bytes: Buffer };

export type Qcow2Spec = {
  sizeBytes: number;
  clusterBytes: number;
  /** Where the disk has data of its own, and the data. */
  runs: readonly ByteRun[];
  contentAt(offsetBytes: number, lengthBytes: number): Buffer;
  backing?: { file: string; format: string };
};

/**
 * A qcow2 image (version 3, 16-bit refcounts; docs/interop/qcow2.rst) as the pieces of its file. qemu-img would make the
 * same, but starting it costs more than a whole sequence does. Laid out as: header, refcount table and blocks, L1 table,
 * L2 tables, data; every cluster in use is counted once.
 */
export function qcow2Image(spec: Qcow2Spec): { lengthBytes: number; parts(): Generator<Part> } {
  const { clusterBytes, contentAt } = spec;
  // QEMU rounds a virtual size up to whole sectors.
  const sizeBytes = Math.ceil(spec.sizeBytes / 512) * 512;
  const clusters = allocatedRuns(spec.runs, sizeBytes, clusterBytes).flatMap(([offset, length]) =>
    Array.from({ length: Math.ceil(length / clusterBytes) }, (_, i) => offset / clusterBytes + i),
  );
  const entriesPerTable = clusterBytes / 8;
  const l1Size = Math.ceil(sizeBytes / (clusterBytes * entriesPerTable));
  const l2Tables = Map.groupBy(clusters.entries(), ([, cluster]) => Math.floor(cluster / entriesPerTable));
  const l1Clusters = Math.ceil((l1Size * 8) / clusterBytes);
  const { tableClusters, blocks } = refcounts(1 + l1Clusters + l2Tables.size + clusters.length, clusterBytes);

  const blocksAt = 1 + tableClusters;
  const l1At = blocksAt + blocks;
  const l2At = l1At + l1Clusters;
  const dataAt = l2At + l2Tables.size;
  const total = dataAt + clusters.length;
  const at = (cluster: number): number => cluster * clusterBytes;

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
    yield { offsetBytes: at(blocksAt), bytes: counts(total) };
    if (l2Tables.size > 0) yield { offsetBytes: at(l1At), bytes: l1Table() };
    for (const [i, entries] of [...l2Tables.values()].entries())
      yield { offsetBytes: at(l2At + i), bytes: l2Table(entries) };
    const places = new Map(clusters.map((cluster, i) => [cluster, at(dataAt + i)]));
    for (const [offset, length] of spec.runs) {
      for (const [guest, part] of withinClusters(offset, length, clusterBytes)) {
        const place = places.get(Math.floor(guest / clusterBytes)) ?? 0;
        yield { offsetBytes: place + (guest % clusterBytes), bytes: contentAt(guest, part) };
      }
    }
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
    bytes.writeUInt32BE(4, 96); // refcount order: 2^4 bits
    bytes.writeUInt32BE(headerBytes, 100);
    if (spec.backing) nameBacking(bytes, spec.backing);
    return bytes;
  }

  function l1Table(): Buffer {
    const entries = new Array<number>(l1Size).fill(0);
    for (const [i, l2] of [...l2Tables.keys()].entries()) entries[l2] = at(l2At + i);
    return table(entries, copied);
  }

  function l2Table(held: readonly (readonly [index: number, cluster: number])[]): Buffer {
    const entries = new Array<number>(entriesPerTable).fill(0);
    for (const [i, cluster] of held) entries[cluster % entriesPerTable] = at(dataAt + i);
    return table(entries, copied);
  }
}

const headerBytes = 104;
/** Bit 63 of an L1 or L2 entry: the refcount of what it points to is one. */
const copied = 1n << 63n;

/** A header extension names the backing file's format; the name follows the extensions. */
function nameBacking(header: Buffer, { file, format }: { file: string; format: string }): void {
  header.writeUInt32BE(0xe2792aca, headerBytes);
  header.writeUInt32BE(format.length, headerBytes + 4);
  header.write(format, headerBytes + 8, 'latin1');
  const endAt = headerBytes + 8 + Math.ceil(format.length / 8) * 8;
  const nameAt = endAt + 8; // an extension of type 0 and length 0 ends them
  const bytes = header.write(file, nameAt, 'utf8');
  header.writeBigUInt64BE(BigInt(nameAt), 8);
  header.writeUInt32BE(bytes, 16);
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

function counts(clusters: number): Buffer {
  const bytes = Buffer.alloc(clusters * 2);
  for (let i = 0; i < clusters; i++) bytes.writeUInt16BE(1, i * 2);
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
