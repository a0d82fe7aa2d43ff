import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ImageFormat } from '../../sequence/arena.ts';
import { sectorBytes } from '../../trace/content-bytes.ts';
import { limits } from '../limits.ts';
import type { Program } from '../programs/binary.ts';
import type { ImageFile } from './compare.ts';
import type { Sealed } from './image-format.ts';
import { mapLuks } from './luks-image.ts';
import { openedBy } from './opened-by.ts';
import { backingNameIn, mapQcow2, type Qcow2Map } from './qcow2-map.ts';
import { mapQed } from './qed-image.ts';
import { type NotRead, notRead, qemuImg } from './qemu-img.ts';
import { mapVdi } from './vdi-image.ts';
import { mapVmdk } from './vmdk-image.ts';

/** A stretch of the disk and the place in a file where its bytes lie. */
export type Extent = {
  startBytes: number;
  lengthBytes: number;
  path: string;
  fileOffsetBytes: number;
  sealed?: Sealed;
};

/**
 * Where the content of an image lies, through its backing chain: what no extent covers is zero. 'elsewhere': part of
 * it is not found at an offset of the image's own files (compressed, in an external data file).
 */
export type ImageMap =
  | { outcome: 'mapped'; sizeBytes: number; extents: Extent[] }
  | { outcome: 'elsewhere' }
  | NotRead;

/**
 * From the image's own tables where they can be read here, which takes no process and does not trust the QEMU under test;
 * else qemu-img is asked. Sizes are in whole sectors, as QEMU counts. Nobody may be writing.
 */
export async function mapImage(img: Program, image: ImageFile): Promise<ImageMap> {
  return mapDirectly(image) ?? askQemuImg(img, image);
}

/** undefined: it is not there, or has something in it that only QEMU reads; of a large raw file it knows the holes. */
function mapDirectly({ path, format }: ImageFile): Extract<ImageMap, { outcome: 'mapped' }> | undefined {
  try {
    if (format === 'raw') return mapRaw(path);
    const map = mapOf(path, format);
    if (!map) return undefined;
    const { sealed, dataFile } = map;
    const held = dataFile === undefined ? path : resolve(dirname(path), dataFile);
    const extents: Extent[] = [];
    let below: Extent[] = [];
    if (map.backing) {
      const backing = mapDirectly({
        path: resolve(dirname(path), map.backing.file),
        format: map.backing.format,
      });
      if (!backing) return undefined;
      below = backing.extents;
    }
    let done = 0;
    for (const { startBytes, lengthBytes, offsetBytes } of map.own) {
      extents.push(...cut(below, done, startBytes));
      if (offsetBytes !== undefined)
        extents.push({
          startBytes,
          lengthBytes,
          path: held,
          fileOffsetBytes: offsetBytes,
          ...(sealed ? { sealed } : {}),
        });
      done = startBytes + lengthBytes;
    }
    extents.push(...cut(below, done, map.sizeBytes));
    return { outcome: 'mapped', sizeBytes: wholeSectors(map.sizeBytes), extents };
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return undefined;
    throw error;
  }
}

function mapOf(path: string, format: Exclude<ImageFormat, 'raw'>): Qcow2Map | undefined {
  if (format === 'qcow2') return mapQcow2(path);
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const read = (offset: number, length: number): Buffer | undefined => {
      if (offset + length > size) return undefined;
      const bytes = Buffer.allocUnsafe(length);
      return readSync(fd, bytes, 0, length, offset) === length ? bytes : undefined;
    };
    switch (format) {
      case 'luks':
        return mapLuks(read, size);
      case 'vmdk':
        return mapVmdk(read);
      case 'vdi':
        return mapVdi(read);
      case 'qed':
        return mapQed(read);
    }
  } finally {
    closeSync(fd);
  }
}

function mapRaw(path: string): Extract<ImageMap, { outcome: 'mapped' }> | undefined {
  const { size } = statSync(path);
  if (size > limits.readWholeBytes) return undefined;
  const whole = { startBytes: 0, lengthBytes: size, path, fileOffsetBytes: 0 };
  return { outcome: 'mapped', sizeBytes: wholeSectors(size), extents: size === 0 ? [] : [whole] };
}

function cut(extents: readonly Extent[], from: number, to: number): Extent[] {
  return extents.flatMap((extent) => {
    const start = Math.max(extent.startBytes, from);
    const end = Math.min(extent.startBytes + extent.lengthBytes, to);
    const skipped = start - extent.startBytes;
    if (end <= start) return [];
    return [
      {
        ...extent,
        startBytes: start,
        lengthBytes: end - start,
        fileOffsetBytes: extent.fileOffsetBytes + skipped,
      },
    ];
  });
}

const wholeSectors = (bytes: number): number => Math.ceil(bytes / sectorBytes) * sectorBytes;

/** `qemu-img map`; locks are honoured (no -U), as `compareImages` does. */
async function askQemuImg(img: Program, { path, format }: ImageFile): Promise<ImageMap> {
  const result = await qemuImg(img, ['map', '--output=json', ...openedBy({ path, format })]);
  if (result.code !== 0)
    return (result.cutShort ? undefined : needsTheSession(path)) ?? notRead('map', result);
  const entries = JSON.parse(result.stdout || '[]') as MapEntry[];
  const last = entries.at(-1);
  const sizeBytes = wholeSectors(last ? last.start + last.length : 0);

  let files: ImageFile[] = [{ path, format }];
  if (entries.some(({ depth, zero }) => depth > 0 && !zero)) {
    const info = await qemuImg(img, [
      'info',
      '--output=json',
      '--backing-chain',
      ...openedBy({ path, format }),
    ]);
    // `map` has opened it, so it can be read. `info` opens each file without its backing file, and refuses a name that
    // says which that is.
    if (info.cutShort) return notRead('info', info);
    if (info.code !== 0) return injectsErrors(info.error) ? untried : { outcome: 'elsewhere' };
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
  // QEMU writes options into a header where a name would not say everything: errors of ours, which qemu-img meets too.
  if ([...used].some(injectsErrors)) return untried;
  if (files.some((file) => used.has(file.path) && !holdsItsData(file))) return { outcome: 'elsewhere' };
  return { outcome: 'mapped', sizeBytes, extents };
}

const injectsErrors = (named: string): boolean => /json:.*"blkdebug"|blkdebug:/.test(named);
const untried: NotRead = {
  outcome: 'untried',
  text: 'its header names a backing file in which errors are injected',
};

/**
 * A header below which some name wants what the session had: its throttle group, an export, or errors that it injected.
 * undefined where all names stand for themselves.
 */
function needsTheSession(path: string): NotRead | undefined {
  let below: string | undefined = path;
  try {
    for (let depth = 0; below !== undefined && depth < chainMax; depth++) {
      const name: string | undefined = backingNameIn(below);
      if (name === undefined) return undefined;
      if (injectsErrors(name)) return untried;
      if (/^nbd(\+unix)?:/.test(name))
        return { outcome: 'untried', text: 'its header names an export, which the session had' };
      if (/^json:.*"throttle-group"/.test(name))
        return { outcome: 'untried', text: 'its header names a throttle group, which the session had' };
      if (besideTheImage.test(name))
        return { outcome: 'untried', text: 'its header names a filter, which needs what the session had' };
      below = name.startsWith('json:') ? undefined : resolve(dirname(below), name);
    }
  } catch (error) {
    // It is not there: that is for qemu-img to say.
    if (!(error instanceof Error && 'syscall' in error)) throw error;
  }
  return undefined;
}

/** They write to a second image, or read one, or have to be writable. */
const besideTheImage =
  /^json:.*"(copy-before-write|snapshot-access|blklogwrites|blkverify|quorum|preallocate|compress|copy-on-read)"/;

/** A header may name its own image. */
const chainMax = 100;

/** Versions differ in what else they say (`present`, `compressed`); a compressed extent has no offset in any. */
type MapEntry = {
  start: number;
  length: number;
  depth: number;
  zero: boolean;
  data: boolean;
  offset?: number;
};
type InfoEntry = { filename: string; format: ImageFormat };

/** `map` does not say that an offset is one of an external data file: docs/interop/qcow2.txt, incompatible feature 2. */
function holdsItsData({ path, format }: ImageFile): boolean {
  if (path.startsWith('json:')) return false;
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
