import seedrandom from 'seedrandom';
import { limits } from './limits.ts';

export const sectorBytes = 512;
const stampBytes = 16;

/**
 * The content of a generation at any offset, aligned or not. Each sector repeats one stamp, which no other sector of
 * any disk has: 4 bytes fill id (from `seedText`, no byte of it zero), 4 bytes generation (0: initial content, else
 * the guest request that writes it), 8 bytes sector number, all little endian. So a stale or misplaced sector tells
 * where it comes from (`describeSector`).
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

/**
 * Reads a stamp back: "initial content of src, sector 17". `seedTexts` are those of the disks there are; another
 * disk's stamp is told by its fill id. undefined: not initial content.
 */
export function describeSector(bytes: Uint8Array, seedTexts: readonly string[] = []): string | undefined {
  if (bytes.length < stampBytes) return undefined;
  const stamp = new DataView(bytes.buffer, bytes.byteOffset, stampBytes);
  const id = stamp.getUint32(0, true);
  if (stamp.getUint32(4, true) !== 0 || !isFillId(id)) return undefined;
  for (let at = stampBytes; at < bytes.length; at++) {
    if (bytes[at] !== bytes[at - stampBytes]) return undefined;
  }
  const sector = stamp.getUint32(8, true) + stamp.getUint32(12, true) * 2 ** 32;
  const owner =
    seedTexts.find((text) => fillId(text) === id) ?? `an unknown disk (fill id ${id.toString(16)})`;
  return `initial content of ${owner}, sector ${sector}`;
}

function fillId(seedText: string): number {
  const known = fillIds.get(seedText);
  if (known !== undefined) return known;
  if (fillIds.size >= limits.fillIdsKept) fillIds.clear();
  const id = (seedrandom(`fill:${seedText}`).int32() | 0x01010101) >>> 0;
  fillIds.set(seedText, id);
  return id;
}

const fillIds = new Map<string, number>();

function isFillId(id: number): boolean {
  return (id & 0x01010101) >>> 0 === 0x01010101;
}
