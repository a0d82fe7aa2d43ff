import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { UsageError } from '../../errors.ts';
import { coverageDir } from '../programs/instruments.ts';

/** The block-job files of QEMU, as its source tree names them. */
export const blockJobFiles = [
  'block/mirror.c',
  'job.c',
  'blockjob.c',
  'job-qmp.c',
  'blockdev.c',
  'block/commit.c',
  'block/stream.c',
  'block/backup.c',
  'block/block-copy.c',
  'block/copy-before-write.c',
] as const;

/** What gcc wrote about a file when it was compiled, and, where one ran, what its runs counted. */
export type CountedFile = { source: string; notes: string; counters?: string };

/** Throws UsageError where the build counts nothing. */
export function countedFiles(build: string): CountedFile[] {
  if (!existsSync(build))
    throw new UsageError(`${build}: no such directory`, 'the build directory of a QEMU');
  const found = filesBelow(build, 'gcno');
  if (found.length === 0)
    throw new UsageError(
      `${build}: not built for gcov (there is no .gcno file in it)`,
      'docs/instrumented.md has the configure line',
    );
  const counters = filesBelow(coverageDir(build), 'gcda');
  return blockJobFiles.flatMap((source) => {
    const notes = found.find((file) => basename(file) === `${objectName(source)}.gcno`);
    if (notes === undefined) return [];
    const own = notes.replace(/\.gcno$/, '.gcda');
    const written = join(coverageDir(build), realpathSync(dirname(notes)), basename(own));
    // The build may have been moved since; what ran without mirrorfuzz has its counters beside the notes.
    const moved = counters.find((file) => basename(file) === basename(own));
    const first = [written, moved, own].find((file) => file !== undefined && existsSync(file));
    return [{ source, notes, ...(first === undefined ? {} : { counters: first }) }];
  });
}

/** meson's name of an object: the path with _ for /. */
const objectName = (source: string): string => source.replaceAll('/', '_');

function filesBelow(dir: string, ending: string): string[] {
  if (!existsSync(dir)) return [];
  const own = `${sep}${basename(coverageDir(dir))}${sep}`;
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(`.${ending}`) && !`${sep}${name}`.includes(own))
    .map((name) => join(dir, name))
    .sort();
}
