import {
  type FormatMap,
  type FormatSpec,
  type MadeImage,
  type ReadPart,
  stretchesOf,
  unitsHeld,
  withZeroes,
} from './image-format.ts';

/** A QED image (docs/interop/qed_spec.rst): a header, a table of tables, tables, data. */
export function qedImage(spec: FormatSpec): MadeImage {
  const held = unitsHeld(spec, clusterBytes);
  const tables = [...new Set(held.map((cluster) => Math.floor(cluster / entries)))];
  const tableAt = (number: number): number => 1 + (1 + number) * tableClusters;
  const dataAt = tableAt(tables.length);
  return {
    lengthBytes: (dataAt + held.length) * clusterBytes,
    *parts() {
      yield { offsetBytes: 0, bytes: header(spec.sizeBytes) };
      if (tables.length > 0)
        yield { offsetBytes: clusterBytes, bytes: table(tables.map((number, i) => [number, tableAt(i)])) };
      for (const [i, number] of tables.entries())
        yield {
          offsetBytes: tableAt(i) * clusterBytes,
          bytes: table(
            held.flatMap((cluster, at): [number, number][] =>
              Math.floor(cluster / entries) === number ? [[cluster % entries, dataAt + at]] : [],
            ),
          ),
        };
      for (const [i, cluster] of held.entries()) {
        const from = cluster * clusterBytes;
        const bytes = withZeroes(spec, from, Math.min(clusterBytes, spec.sizeBytes - from));
        yield { offsetBytes: (dataAt + i) * clusterBytes, bytes };
      }
    },
  };
}

function header(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write('QED\0', 0);
  bytes.writeUInt32LE(clusterBytes, 4);
  bytes.writeUInt32LE(tableClusters, 8);
  bytes.writeUInt32LE(1, 12); // clusters of the header
  bytes.writeBigUInt64LE(BigInt(clusterBytes), 40); // the table of tables
  bytes.writeBigUInt64LE(BigInt(sizeBytes), 48);
  return bytes;
}

function table(filled: [entry: number, cluster: number][]): Buffer {
  const bytes = Buffer.alloc(tableClusters * clusterBytes);
  for (const [entry, cluster] of filled) bytes.writeBigUInt64LE(BigInt(cluster * clusterBytes), entry * 8);
  return bytes;
}

/** undefined: no QED image, or one with something that is not read here, such as a backing file. */
export function mapQed(read: ReadPart): FormatMap | undefined {
  const header = read(0, 64);
  if (header?.toString('latin1', 0, 4) !== 'QED\0' || (header.readBigUInt64LE(16) & ~needsCheck) !== 0n)
    return undefined;
  const unitBytes = header.readUInt32LE(4);
  const tableBytes = header.readUInt32LE(8) * unitBytes;
  const sizeBytes = Number(header.readBigUInt64LE(48));
  const l1 = read(Number(header.readBigUInt64LE(40)), tableBytes);
  if (!l1) return undefined;
  const places: (number | undefined)[] = [];
  for (let i = 0; places.length * unitBytes < sizeBytes; i++) {
    const at = Number(l1.readBigUInt64LE(i * 8));
    const l2 = at === 0 ? Buffer.alloc(tableBytes) : read(at, tableBytes);
    if (!l2) return undefined;
    const left = Math.min(tableBytes / 8, Math.ceil(sizeBytes / unitBytes) - places.length);
    for (let j = 0; j < left; j++) {
      const place = Number(l2.readBigUInt64LE(j * 8));
      places.push(place <= 1 ? undefined : place); // 1: a cluster of zeroes
    }
  }
  return { sizeBytes, own: stretchesOf(sizeBytes, unitBytes, places) };
}

const clusterBytes = 65_536;
/** QEMU takes a table of one cluster for one that overflows (qed_check_table_offset). */
const tableClusters = 2;
const entries = (tableClusters * clusterBytes) / 8;
/** It was not closed in order; its tables are right all the same. */
const needsCheck = 2n;
