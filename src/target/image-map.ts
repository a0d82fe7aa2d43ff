import { closeSync, openSync, readSync } from 'node:fs';
import type { ImageFormat } from '../sequence/arena.ts';
import type { Program } from './binary.ts';
import type { ImageFile } from './compare.ts';
import { sectorBytes } from './content.ts';
import { type ImageToolResult, qemuImg } from './qemu-img.ts';

/** A stretch of the disk and the place in a file where its bytes lie. */
export type Extent = { startBytes: number; lengthBytes: number; path: string; fileOffsetBytes: number };

/**
 * Where the content of an image lies, through its backing chain: what no extent covers is zero. 'elsewhere': part of
 * it is not found at an offset of the image's own files (compressed, in an external data file).
 */
export type ImageMap =
  | { outcome: 'mapped'; sizeBytes: number; extents: Extent[] }
  | { outcome: 'elsewhere' }
  | { outcome: 'unreadable'; text: string };

/** Asks `qemu-img map`; locks are honoured (no -U), as `compareImages` does. Sizes are in whole sectors, as QEMU counts. */
export async function mapImage(img: Program, { path, format }: ImageFile): Promise<ImageMap> {
  const result = await qemuImg(img, ['map', '--output=json', '-f', format, path]);
  if (result.code !== 0) return unreadable('map', result);
  const entries = JSON.parse(result.stdout || '[]') as MapEntry[];
  const last = entries.at(-1);
  const sizeBytes = Math.ceil((last ? last.start + last.length : 0) / sectorBytes) * sectorBytes;

  let files: ImageFile[] = [{ path, format }];
  if (entries.some(({ depth, zero }) => depth > 0 && !zero)) {
    const info = await qemuImg(img, ['info', '--output=json', '--backing-chain', '-f', format, path]);
    if (info.code !== 0) return unreadable('info', info);
    files = (JSON.parse(info.stdout) as InfoEntry[]).map((file) => ({
      path: file.filename,
      format: file.format,
    }));
  }
  const extents: Extent[] = [];
  for (const { start, length, depth, zero, data, offset } of entries) {
    if (zero || length === 0) continue;
    const file = files[depth];
    if (!data || offset === undefined || !file) return { outcome: 'elsewhere' };
    extents.push({ startBytes: start, lengthBytes: length, path: file.path, fileOffsetBytes: offset });
  }
  const used = new Set(extents.map((extent) => extent.path));
  if (files.some((file) => used.has(file.path) && !holdsItsData(file))) return { outcome: 'elsewhere' };
  return { outcome: 'mapped', sizeBytes, extents };
}

/** Versions differ in what else they tell (`present`, `compressed`); a compressed extent has no offset in any. */
type MapEntry = {
  start: number;
  length: number;
  depth: number;
  zero: boolean;
  data: boolean;
  offset?: number;
};
type InfoEntry = { filename: string; format: ImageFormat };

function unreadable(command: string, { code, error }: ImageToolResult): ImageMap {
  return { outcome: 'unreadable', text: `qemu-img ${command}: ${error || `exit code ${code}`}` };
}

/** `map` does not say that an offset is one of an external data file: docs/interop/qcow2.txt, incompatible feature 2. */
function holdsItsData({ path, format }: ImageFile): boolean {
  if (format === 'raw') return true;
  if (format !== 'qcow2') return false;
  const header = Buffer.alloc(80);
  try {
    const fd = openSync(path, 'r');
    try {
      readSync(fd, header, 0, header.length, 0);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false; // named in a way that only QEMU understands
  }
  const version = header.readUInt32BE(4);
  return version === 2 || (header.readUInt32BE(76) & 4) === 0;
}
