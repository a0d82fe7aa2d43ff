import seedrandom from 'seedrandom';

export const sectorBytes = 512;
export const stampBytes = 16;

/**
 * The content of a generation at any offset, aligned or not. Each sector repeats one stamp, which no other sector of
 * any disk has: 4 bytes fill id (from `seedText`, no byte of it zero), 4 bytes generation (0: initial content, else
 * the guest request that writes it), 8 bytes sector number, all little endian. So a stale or misplaced sector tells
 * where it comes from.
 */
export function contentBytes(
  seedText: string,
  offsetBytes: number,
  lengthBytes: number,
  generation = 0,
): Buffer {
  const firstSector = Math.floor(offsetBytes / sectorBytes);
  const skippedBytes = offsetBytes - firstSector * sectorBytes;
  const bytes = new ArrayBuffer(Math.ceil((skippedBytes + lengthBytes) / sectorBytes) * sectorBytes);
  const view = new DataView(bytes);
  const id = fillId(seedText);
  for (let start = 0, sector = firstSector; start < bytes.byteLength; start += sectorBytes, sector++) {
    const low = sector >>> 0;
    const high = Math.floor(sector / 2 ** 32);
    for (let at = start; at < start + sectorBytes; at += stampBytes) {
      view.setUint32(at, id, true);
      view.setUint32(at + 4, generation, true);
      view.setUint32(at + 8, low, true);
      view.setUint32(at + 12, high, true);
    }
  }
  return Buffer.from(bytes, skippedBytes, lengthBytes);
}

function fillId(seedText: string): number {
  const known = fillIds.get(seedText);
  if (known !== undefined) return known;
  if (fillIds.size >= fillIdsKept) fillIds.clear();
  const id = (seedrandom(`fill:${seedText}`).int32() | 0x01010101) >>> 0;
  fillIds.set(seedText, id);
  return id;
}

/** Seeding takes 30 µs, half of what a small guest write takes in all; an arena has 16 disks, and some to come. */
const fillIdsKept = 64;
const fillIds = new Map<string, number>();
