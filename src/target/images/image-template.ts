import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { Fill, ImageFormat, Qcow2Features } from '../../sequence/arena.ts';
import { type ByteRun, contentRuns } from '../../sequence/fill.ts';
import { bootSector } from '../../trace/boot-sector.ts';
import { contentBytes, sectorBytes } from '../../trace/content-bytes.ts';
import { filesystemFull, freeBytes, writeError } from '../disk-space.ts';
import { limits } from '../limits.ts';
import { luksImage } from './luks-image.ts';
import { type Part, qcow2Image } from './qcow2-image.ts';
import { qedImage } from './qed-image.ts';
import { vdiImage } from './vdi-image.ts';
import { vmdkImage } from './vmdk-image.ts';

/** An image file as wanted. The name, with the format as its suffix, is the file's; `backing.file` is relative to it. */
export type ImageSpec = {
  name: string;
  format: ImageFormat;
  /** A qcow2 image's virtual size is this rounded up to 512, as QEMU rounds; the rest of that sector is zeroes. */
  sizeBytes: number;
  clusterBytes?: number;
  fill: Fill;
  bootable?: boolean;
  seedText: string;
  backing?: { file: string; format: ImageFormat };
  zeroes?: readonly ByteRun[];
  qcow2?: Qcow2Features;
};

/** A finished image file: its length, and its parts that are not zero, in memory or, where large, still in `file`. */
export type Template = { lengthBytes: number; heldBytes: number } & (
  | { kept: 'memory'; parts: Part[] }
  | { kept: 'file'; file: string; runs: ByteRun[] }
);

/** Makes an image; one too large for memory lies at `file` (absolute). */
export function makeTemplate(spec: ImageSpec, file: string): Template {
  if (spec.backing && spec.format !== 'qcow2')
    throw new UsageError(`disk ${spec.name}: ${spec.format} takes no backing file here`);
  mustFit(spec, dirname(file));
  const { lengthBytes, parts } = imageOf(spec);
  const kept = keptParts(parts());
  if (kept) return { lengthBytes, heldBytes: kept.heldBytes, kept: 'memory', parts: kept.parts };
  const runs: ByteRun[] = [];
  writeSparse(file, lengthBytes, (fd) => {
    for (const { offsetBytes, bytes } of parts()) {
      writeFully(fd, bytes, offsetBytes);
      runs.push([offsetBytes, bytes.length]);
    }
  });
  return { lengthBytes, heldBytes: totalBytes(runs), kept: 'file', file, runs };
}

/** Writes the template's image to `path`, sparse: a new file, whatever had that name. */
export function copyTemplate(template: Template, path: string): void {
  writeSparse(path, template.lengthBytes, (fd) => {
    if (template.kept === 'memory') {
      for (const { offsetBytes, bytes } of template.parts) writeFully(fd, bytes, offsetBytes);
    } else {
      withFile(template.file, (from) => {
        for (const [offset, length] of chunks(template.runs))
          writeFully(fd, readPart(from, offset, length), offset);
      });
    }
  });
}

/** Refused before it begins: filling gigabytes of memory to learn that they do not suffice takes long, and harms others. */
function mustFit({ name, fill, sizeBytes, seedText }: ImageSpec, dir: string): void {
  if (totalBytes(contentRuns(fill, sizeBytes, seedText)) > freeBytes(dir)) {
    throw filesystemFull(dir, `making disk ${name} of ${sizeBytes} bytes`);
  }
}

function imageOf(spec: ImageSpec): { lengthBytes: number; parts(): Generator<Part> } {
  const {
    format,
    sizeBytes,
    clusterBytes = 65_536,
    fill,
    seedText,
    backing,
    bootable = false,
    zeroes = [],
    qcow2 = {},
  } = spec;
  const runs = contentRuns(fill, sizeBytes, seedText, bootable);
  const contentAt = (offset: number, length: number): Buffer => {
    const bytes = contentBytes(seedText, offset, length);
    if (bootable && offset < sectorBytes) bootSector.copy(bytes, 0, offset);
    return bytes;
  };
  const plain = { sizeBytes, runs, contentAt };
  switch (format) {
    case 'qcow2':
      return qcow2Image({
        ...plain,
        clusterBytes,
        zeroes,
        ...qcow2,
        ...(qcow2.dataFile ? { dataFileName: `${spec.name}.data` } : {}),
        ...(backing ? { backing } : {}),
      });
    case 'luks':
      return luksImage(plain);
    case 'vmdk':
      return vmdkImage(plain);
    case 'vdi':
      return vdiImage(plain);
    case 'qed':
      return qedImage(plain);
    case 'raw':
      return {
        lengthBytes: sizeBytes,
        *parts() {
          for (const [offset, length] of chunks(runs))
            yield { offsetBytes: offset, bytes: contentAt(offset, length) };
        },
      };
  }
}

/** All of them, unless that is too much. */
function keptParts(parts: Iterable<Part>): { parts: Part[]; heldBytes: number } | undefined {
  const kept: Part[] = [];
  let heldBytes = 0;
  for (const part of parts) {
    heldBytes += part.bytes.length;
    if (heldBytes > limits.templateInMemoryBytes) return undefined;
    kept.push(part);
  }
  return { parts: kept, heldBytes };
}

function totalBytes(runs: readonly ByteRun[]): number {
  return runs.reduce((sum, [, length]) => sum + length, 0);
}

/** Runs cut to pieces small enough to hold in memory. */
function* chunks(runs: readonly ByteRun[]): Generator<ByteRun> {
  for (const [offset, length] of runs) {
    for (let done = 0; done < length; done += limits.copyChunkBytes) {
      yield [offset + done, Math.min(limits.copyChunkBytes, length - done)];
    }
  }
}

function writeSparse(path: string, lengthBytes: number, write: (fd: number) => void): void {
  let fd: number | undefined;
  try {
    fd = openNew(path);
    write(fd);
    ftruncateSync(fd, lengthBytes);
  } catch (error) {
    if (fd !== undefined) rmSync(path, { force: true });
    throw error instanceof Error && 'code' in error
      ? writeError(error, dirname(path), `writing ${path}`)
      : error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** What had the name goes: a file that QEMU still has open must not change under it, nor a link lead elsewhere. */
function openNew(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    rmSync(path);
    return openSync(path, 'wx', 0o600);
  }
}

/** A nearly full file system takes a part and says so only by the count; ENOSPC comes with the next write. */
function writeFully(fd: number, bytes: Buffer, offsetBytes: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, offsetBytes + done);
  }
}

function readPart(fd: number, offsetBytes: number, lengthBytes: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(lengthBytes);
  const got = readSync(fd, bytes, 0, lengthBytes, offsetBytes);
  if (got !== lengthBytes) throw new Error(`${got} bytes instead of ${lengthBytes} at offset ${offsetBytes}`);
  return bytes;
}

function withFile<T>(path: string, use: (fd: number) => T): T {
  const fd = openSync(path, 'r');
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}
