import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { UsageError } from '../errors.ts';
import { fileLimits, readFile } from '../read-file.ts';
import { parseSequence } from '../sequence/parse.ts';
import type { Sequence } from '../sequence/sequence.ts';

/**
 * The sequences of files and, for a directory, of every `.json` below it, by name. All are read before any is run, so
 * that a mistake in the last costs no time. Throws UsageError for what can't be read or is no sequence.
 */
export function readSequences(
  paths: readonly string[],
): { name: string; file: string; sequence: Sequence }[] {
  return paths.flatMap((path) => {
    const files = isDirectory(path) ? jsonFilesBelow(path).map((name) => join(path, name)) : [path];
    if (files.length === 0) throw new UsageError(`${path}: no sequence file (*.json) in this directory`);
    return files.map((file) => ({
      name: (file === path ? (file.split('/').at(-1) ?? file) : relative(path, file)).replace(/\.json$/, ''),
      file,
      sequence: readSequence(file),
    }));
  });
}

/** One sequence. Throws UsageError where the file can't be read or is none. */
export const readSequence = (file: string): Sequence => parseSequence(read(file), file);

function isDirectory(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new UsageError(`${path}: no such file or directory`);
  return stat.isDirectory();
}

/** Names below a directory, in order. */
export function jsonFilesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort();
}

const read = (file: string): string => readFile(file, fileLimits.jsonBytes).toString();
