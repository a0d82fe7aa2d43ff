/*
 * What readers of a qcow2 image's tables share (docs/interop/qcow2.rst). Numbers are big-endian.
 */

export const qcow2Magic = 0x514649fb;

/** Header, extensions and the backing file's name lie in the first cluster; names are at most 1023 bytes. */
export const headerBytesMax = 65_536;

export const extensionTypes = {
  backingFormat: 0xe2792aca,
  featureNames: 0x6803f857,
  dataFileName: 0x44415441,
  encryptionHeader: 0x0537be77,
  bitmaps: 0x23852875,
} as const;

/** The header's extensions, which end before the backing file's name; `body` is cut short where one goes on beyond that. */
export function* extensionsOf(
  header: Buffer,
): Generator<{ type: number; lengthBytes: number; body: Buffer }> {
  const end = Math.min(Number(header.readBigUInt64BE(8)) || header.length, header.length);
  const isLong = header.readUInt32BE(4) >= 3 && header.length >= 104;
  for (let at = isLong ? header.readUInt32BE(100) : 72; at + 8 <= end; ) {
    const [type, lengthBytes] = [header.readUInt32BE(at), header.readUInt32BE(at + 4)];
    if (type === 0) return;
    yield { type, lengthBytes, body: header.subarray(at + 8, Math.min(at + 8 + lengthBytes, end)) };
    at += 8 + Math.ceil(lengthBytes / 8) * 8;
  }
}

/** Where the cluster lies that an entry of an L1, L2 or bitmap table names: bits 9 to 55. */
export const placeOf = (entry: bigint): number => Number(entry & 0x00fffffffffffe00n);
