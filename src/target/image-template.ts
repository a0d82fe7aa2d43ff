import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { EnvironmentError, UsageError } from '../errors.ts';
import type { Fill, ImageFormat } from '../sequence/arena.ts';
import { contentRuns, type Run } from '../sequence/fill.ts';
import type { Program } from './binary.ts';
import { contentBytes } from './content.ts';
import { filesystemFull, freeBytes, writeError } from './disk-space.ts';
import { limits } from './limits.ts';
import { qemuImg } from './qemu-img.ts';

/** An image file as wanted. The name, with the format as its suffix, is the file's; `backing.file` is relative to it. */
export type ImageSpec = {
  name: string;
  format: ImageFormat;
  /** A qcow2 image's virtual size is this rounded up to 512, as QEMU rounds; the rest of that sector is zeroes. */
  sizeBytes: number;
  clusterBytes?: number;
  fill: Fill;
  seedText: string;
  backing?: { file: string; format: ImageFormat };
};

/** A finished image file: its length, and its parts that are not zero, in memory or, where large, still in `file`. */
export type Template = { lengthBytes: number; heldBytes: number } & (
  | { kept: 'memory'; parts: { offsetBytes: number; bytes: Buffer }[] }
  | { kept: 'file'; file: string; runs: Run[] }
);

/** Makes the image at `file` (absolute) and takes it in; the file stays only if it is too large for that. */
export async function makeTemplate(spec: ImageSpec, img: Program, file: string): Promise<Template> {
  if (spec.backing && spec.format === 'raw')
    throw new UsageError(`disk ${spec.name}: raw takes no backing file`);
  mustFit(spec, dirname(file));
  try {
    if (spec.format === 'raw') makeRaw(spec, file);
    else await makeQcow2(spec, img, file);
    const template = takeIn(file, spec);
    if (template.kept === 'memory') rmSync(file);
    return template;
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
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

/** Told before: filling gigabytes of memory to learn that they do not suffice takes long, and harms others. */
function mustFit({ name, fill, sizeBytes, seedText }: ImageSpec, dir: string): void {
  if (totalBytes(contentRuns(fill, sizeBytes, seedText)) > freeBytes(dir)) {
    throw filesystemFull(dir, `making disk ${name} of ${sizeBytes} bytes`);
  }
}

function makeRaw({ sizeBytes, fill, seedText }: ImageSpec, file: string): void {
  const runs = contentRuns(fill, sizeBytes, seedText);
  writeSparse(file, sizeBytes, (fd) => {
    for (const [offset, length] of chunks(runs))
      writeFully(fd, contentBytes(seedText, offset, length), offset);
  });
}

async function makeQcow2(spec: ImageSpec, img: Program, file: string): Promise<void> {
  const { sizeBytes, clusterBytes, fill, seedText, backing } = spec;
  const options = clusterBytes === undefined ? [] : ['-o', `cluster_size=${clusterBytes}`];
  const onBacking = backing ? ['-u', '-b', backing.file, '-F', backing.format] : [];
  if (contentRuns(fill, sizeBytes, seedText).length === 0) {
    await mustRun(
      img,
      ['create', '-q', '-f', 'qcow2', ...options, ...onBacking, file, `${sizeBytes}`],
      spec,
      file,
    );
    return;
  }
  const raw = `${file}.raw`;
  try {
    makeRaw(spec, raw);
    // -S 512: without it, holes shorter than 4 KiB between data would be allocated too.
    await mustRun(
      img,
      ['convert', '-q', '-S', '512', '-f', 'raw', '-O', 'qcow2', ...options, raw, file],
      spec,
      file,
    );
  } finally {
    rmSync(raw, { force: true });
  }
  // Only now, and unsafely (-u): with the backing file there, convert would copy its zeroes over it.
  if (backing) await mustRun(img, ['rebase', '-q', '-f', 'qcow2', ...onBacking, file], spec, file);
}

async function mustRun(img: Program, args: string[], spec: ImageSpec, file: string): Promise<void> {
  const { code, error } = await qemuImg(img, args);
  if (code === 0) return;
  if (error.includes('No space left on device'))
    throw filesystemFull(dirname(file), `making disk ${spec.name}`);
  throw new EnvironmentError(`qemu-img ${args[0]} failed: ${error} (disk ${JSON.stringify(spec)})`);
}

function takeIn(file: string, spec: ImageSpec): Template {
  return withFile(file, (fd) => {
    const lengthBytes = fstatSync(fd).size;
    const runs =
      spec.format === 'raw'
        ? contentRuns(spec.fill, spec.sizeBytes, spec.seedText)
        : nonZeroRuns(fd, lengthBytes);
    const heldBytes = totalBytes(runs);
    if (heldBytes > limits.templateInMemoryBytes) return { lengthBytes, heldBytes, kept: 'file', file, runs };
    const parts = runs.map(([offset, length]) => ({
      offsetBytes: offset,
      bytes: readPart(fd, offset, length),
    }));
    return { lengthBytes, heldBytes, kept: 'memory', parts };
  });
}

/** By pages, the grain in which a file system stores holes. */
function nonZeroRuns(fd: number, lengthBytes: number): Run[] {
  const zeroes = Buffer.alloc(4096);
  const runs: Run[] = [];
  for (const [start, length] of chunks([[0, lengthBytes]])) {
    const bytes = readPart(fd, start, length);
    for (let at = 0; at < length; at += zeroes.length) {
      const page = bytes.subarray(at, at + zeroes.length);
      if (page.equals(zeroes.subarray(0, page.length))) continue;
      const last = runs.at(-1);
      if (last && last[0] + last[1] === start + at) last[1] += page.length;
      else runs.push([start + at, page.length]);
    }
  }
  return runs;
}

function totalBytes(runs: readonly Run[]): number {
  return runs.reduce((sum, [, length]) => sum + length, 0);
}

/** Runs cut to pieces small enough to hold in memory. */
function* chunks(runs: readonly Run[]): Generator<Run> {
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
