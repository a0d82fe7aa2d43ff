import {
  type FormatMap,
  type FormatSpec,
  type MadeImage,
  type ReadPart,
  stretchesOf,
  unitsHeld,
  withZeroes,
} from './image-format.ts';

/** A VDI image of VirtualBox, dynamic: a header, a map of blocks of 1 MiB, and the blocks that hold something (block/vdi.c). */
export function vdiImage(spec: FormatSpec): MadeImage {
  const blocks = Math.ceil(spec.sizeBytes / blockBytes);
  const held = unitsHeld(spec, blockBytes);
  const dataAt = 512 + Math.ceil((blocks * 4) / 512) * 512;
  return {
    lengthBytes: dataAt + held.length * blockBytes,
    *parts() {
      yield { offsetBytes: 0, bytes: header(spec.sizeBytes, blocks, held.length, dataAt) };
      for (const [i, block] of held.entries()) {
        const from = block * blockBytes;
        const bytes = withZeroes(spec, from, Math.min(blockBytes, spec.sizeBytes - from));
        yield { offsetBytes: dataAt + i * blockBytes, bytes };
      }
    },
  };

  function header(sizeBytes: number, count: number, allocated: number, offsetBytes: number): Buffer {
    const bytes = Buffer.alloc(offsetBytes);
    bytes.write('<<< QEMU VM Virtual Disk Image >>>\n', 0);
    bytes.writeUInt32LE(signature, 0x40);
    bytes.writeUInt32LE(0x00010001, 0x44);
    bytes.writeUInt32LE(0x180, 0x48);
    bytes.writeUInt32LE(1, 0x4c); // dynamic
    bytes.writeUInt32LE(512, 0x154); // the map
    bytes.writeUInt32LE(offsetBytes, 0x158);
    bytes.writeUInt32LE(512, 0x168); // a sector
    bytes.writeBigUInt64LE(BigInt(sizeBytes), 0x170);
    bytes.writeUInt32LE(blockBytes, 0x178);
    bytes.writeUInt32LE(count, 0x180);
    bytes.writeUInt32LE(allocated, 0x184);
    bytes.write('mirrorfuzz image', 0x188);
    bytes.write('mirrorfuzz snap.', 0x198);
    for (let block = 0; block < count; block++) {
      const at = held.indexOf(block);
      bytes.writeUInt32LE(at === -1 ? unallocated : at, 512 + block * 4);
    }
    return bytes;
  }
}

/** undefined: no VDI image, or one with something that is not read here. */
export function mapVdi(read: ReadPart): FormatMap | undefined {
  const header = read(0, 512);
  if (!header || header.readUInt32LE(0x40) !== signature || header.readUInt32LE(0x178) !== blockBytes)
    return undefined;
  const sizeBytes = Number(header.readBigUInt64LE(0x170));
  const dataAt = header.readUInt32LE(0x158);
  const map = read(header.readUInt32LE(0x154), header.readUInt32LE(0x180) * 4);
  if (!map) return undefined;
  const places = Array.from({ length: map.length / 4 }, (_, block) => {
    const entry = map.readUInt32LE(block * 4);
    return entry >= discarded ? undefined : dataAt + entry * blockBytes;
  });
  return { sizeBytes, own: stretchesOf(sizeBytes, blockBytes, places) };
}

const signature = 0xbeda107f;
const blockBytes = 2 ** 20;
const unallocated = 0xffffffff;
const discarded = 0xfffffffe;
