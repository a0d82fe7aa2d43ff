import {
  type FormatMap,
  type FormatSpec,
  type MadeImage,
  type ReadPart,
  stretchesOf,
  unitsHeld,
  withZeroes,
} from './image-format.ts';

/**
 * A VMDK image of VMware, `monolithicSparse`: a header, a descriptor in text, the directory of grain tables twice, and
 * grains of 64 KiB (block/vmdk.c). All grain tables are there, as QEMU makes them.
 */
export function vmdkImage(spec: FormatSpec): MadeImage {
  const held = unitsHeld(spec, grainBytes);
  const tables = Math.ceil(spec.sizeBytes / (grainBytes * entries));
  const directorySectors = Math.ceil((tables * 4) / 512);
  const sectorsEach = directorySectors + tables * tableSectors;
  const directories = [descriptorAt + descriptorSectors, descriptorAt + descriptorSectors + sectorsEach];
  const endAt = descriptorAt + descriptorSectors + 2 * sectorsEach;
  const dataAt = Math.ceil(endAt / grainSectors) * grainSectors;
  return {
    lengthBytes: (dataAt + held.length * grainSectors) * 512,
    *parts() {
      yield { offsetBytes: 0, bytes: header() };
      yield { offsetBytes: descriptorAt * 512, bytes: Buffer.from(descriptor(spec.sizeBytes)) };
      for (const at of directories) yield { offsetBytes: at * 512, bytes: directory(at) };
      for (const [i, grain] of held.entries()) {
        const from = grain * grainBytes;
        const bytes = withZeroes(spec, from, Math.min(grainBytes, spec.sizeBytes - from));
        yield { offsetBytes: (dataAt + i * grainSectors) * 512, bytes };
      }
    },
  };

  function header(): Buffer {
    const bytes = Buffer.alloc(512);
    bytes.write('KDMV', 0);
    bytes.writeUInt32LE(1, 4);
    bytes.writeUInt32LE(newlineTest | redundantDirectory, 8);
    const longs = [spec.sizeBytes / 512, grainSectors, descriptorAt, descriptorSectors];
    for (const [i, value] of longs.entries()) bytes.writeBigUInt64LE(BigInt(value), 12 + i * 8);
    bytes.writeUInt32LE(entries, 44);
    for (const [i, value] of [...directories, dataAt].entries())
      bytes.writeBigUInt64LE(BigInt(value), 48 + i * 8);
    bytes.write('\n \r\n', 73);
    return bytes;
  }

  function directory(at: number): Buffer {
    const bytes = Buffer.alloc(sectorsEach * 512);
    for (let i = 0; i < tables; i++) bytes.writeUInt32LE(at + directorySectors + i * tableSectors, i * 4);
    for (const [i, grain] of held.entries())
      bytes.writeUInt32LE(dataAt + i * grainSectors, directorySectors * 512 + grain * 4);
    return bytes;
  }
}

const descriptor = (sizeBytes: number): string => `# Disk DescriptorFile
version=1
CID=6d666d66
parentCID=ffffffff
createType="monolithicSparse"

# Extent description
RW ${sizeBytes / 512} SPARSE "image.vmdk"

# The Disk Data Base
#DDB

ddb.virtualHWVersion = "4"
ddb.geometry.cylinders = "${Math.max(1, Math.floor(sizeBytes / (63 * 16 * 512)))}"
ddb.geometry.heads = "16"
ddb.geometry.sectors = "63"
ddb.adapterType = "ide"
`;

/** undefined: no such VMDK image, or one with something that is not read here, such as a parent or compressed grains. */
export function mapVmdk(read: ReadPart): FormatMap | undefined {
  const header = read(0, 512);
  if (header?.toString('latin1', 0, 4) !== 'KDMV') return undefined;
  const [capacity, grain, textAt, textSectors] = [12, 20, 28, 36].map((at) =>
    Number(header.readBigUInt64LE(at)),
  ) as [number, number, number, number];
  const text = read(textAt * 512, textSectors * 512)?.toString('latin1') ?? '';
  if (!text.includes('createType="monolithicSparse"') || !text.includes('parentCID=ffffffff'))
    return undefined;
  const perTable = header.readUInt32LE(44);
  const tables = Math.ceil(capacity / (grain * perTable));
  const directory = read(Number(header.readBigUInt64LE(56)) * 512, tables * 4);
  if (!directory) return undefined;
  const places: (number | undefined)[] = [];
  for (let i = 0; i < tables; i++) {
    const at = directory.readUInt32LE(i * 4);
    const table = at === 0 ? Buffer.alloc(perTable * 4) : read(at * 512, perTable * 4);
    if (!table) return undefined;
    for (let j = 0; j < perTable; j++) {
      const place = table.readUInt32LE(j * 4);
      places.push(place <= 1 ? undefined : place * 512); // 1: a grain of zeroes
    }
  }
  return { sizeBytes: capacity * 512, own: stretchesOf(capacity * 512, grain * 512, places) };
}

const descriptorAt = 1;
const descriptorSectors = 20;
const grainSectors = 128;
const grainBytes = grainSectors * 512;
/** Of a grain table, of 4 bytes each. */
const entries = 512;
const tableSectors = 4;
const newlineTest = 1;
const redundantDirectory = 2;
