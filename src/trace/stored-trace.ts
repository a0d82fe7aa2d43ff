import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { UsageError } from '../errors.ts';
import { fileLimits, readFile } from '../read-file.ts';
import { parseTrace } from './lines.ts';
import type { Trace } from './observation.ts';

/** The trace files that are meant: each file itself, of a directory every `.jsonl` and `.jsonl.gz` below it, by name. */
export function traceFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) throw new UsageError(`${path}: no such file or directory`);
    if (!stat.isDirectory()) return [path];
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
    const files = names.filter((name) => /\.jsonl(\.gz)?$/.test(name)).sort();
    if (files.length === 0) throw new UsageError(`${path}: no trace (*.jsonl, *.jsonl.gz) in this directory`);
    return files.map((name) => join(path, name));
  });
}

/** Throws UsageError for what can't be read or is no trace. */
export function readTrace(file: string): Trace {
  return parseTrace(readText(file), file);
}

function readText(file: string): string {
  const bytes = readFile(file, fileLimits.traceBytes);
  try {
    return (isGzip(bytes) ? unzipped(bytes) : bytes).toString();
  } catch (error) {
    throw new UsageError(`${file}: can't be read: ${(error as Error).message}`);
  }
}

/** Of a file that is cut off, what is there: the trace says itself that it lacks its end. */
const unzipped = (bytes: Buffer): Buffer =>
  gunzipSync(bytes, {
    finishFlush: constants.Z_SYNC_FLUSH,
    maxOutputLength: fileLimits.traceBytes,
  });

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;
