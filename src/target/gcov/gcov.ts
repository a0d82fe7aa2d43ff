import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execaSync } from 'execa';
import { z } from 'zod';
import { EnvironmentError } from '../../errors.ts';
import { findExecutable } from '../programs/executable.ts';
import type { CountedFile } from './counted-files.ts';

/** Of a source file: how much of it ran. `partly`: functions that were entered, and have lines that never ran. */
export type FileCoverage = {
  source: string;
  lines: Share;
  branches: Share;
  neverEntered: string[];
  partly: { name: string; missed: number; of: number }[];
};
export type Share = { reached: number; of: number };

/** `gcov --json-format`, GCC 9 and later (gcov-tool(1)). */
const gcovJson = z.object({
  files: z.array(
    z.object({
      file: z.string(),
      functions: z.array(z.object({ name: z.string(), execution_count: z.number() })),
      lines: z.array(
        z.object({
          line_number: z.number(),
          count: z.number(),
          function_name: z.string().optional(),
          branches: z.array(z.object({ count: z.number() })),
        }),
      ),
    }),
  ),
});
type Lines = z.infer<typeof gcovJson>['files'][number]['lines'];

/** Throws EnvironmentError where gcov is missing, or can't read what another gcc wrote. */
export function coverageOf({ source, notes, counters }: CountedFile): FileCoverage {
  if (!findExecutable('gcov'))
    throw new EnvironmentError(
      'gcov is not installed',
      "your system's gcc package, of the version that built QEMU",
    );
  const dir = mkdtempSync(join(tmpdir(), 'mirrorfuzz-gcov-'));
  try {
    copyFileSync(notes, join(dir, basename(notes)));
    if (counters !== undefined) copyFileSync(counters, join(dir, basename(counters)));
    const args = ['--json-format', '--stdout', '--branch-probabilities', basename(notes)];
    const { stdout, stderr, exitCode } = execaSync('gcov', args, { cwd: dir, reject: false });
    if (exitCode !== 0 || stdout === '')
      throw new EnvironmentError(
        `gcov can't read ${notes}: ${stderr.split('\n')[0] || 'it says nothing'}`,
        'the gcov of the gcc that built QEMU, first on PATH',
      );
    return parseGcov(source, stdout);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What gcov says of a source file, headers left out. */
export function parseGcov(source: string, text: string): FileCoverage {
  const parsed = gcovJson.parse(JSON.parse(text));
  const own = parsed.files.find(({ file }) => file === source || file.endsWith(`/${source}`));
  const { lines = [], functions = [] } = own ?? {};
  const neverEntered = functions.filter((each) => each.execution_count === 0).map(({ name }) => name);
  const entered = functions.filter((each) => each.execution_count > 0);
  return {
    source,
    lines: linesShare(lines),
    branches: {
      reached: lines.reduce((sum, { branches }) => sum + branches.filter(({ count }) => count > 0).length, 0),
      of: lines.reduce((sum, { branches }) => sum + branches.length, 0),
    },
    neverEntered: [...new Set(neverEntered)].sort(),
    partly: entered
      .map(({ name }) => {
        const { reached, of } = linesShare(lines.filter((line) => line.function_name === name));
        return { name, missed: of - reached, of };
      })
      .filter(({ missed }) => missed > 0)
      .sort((a, b) => b.missed - a.missed || (a.name < b.name ? -1 : 1)),
  };
}

/** A line of an inlined function is there once for each place it is inlined at. */
function linesShare(lines: Lines): Share {
  const counts = new Map<number, number>();
  for (const { line_number, count } of lines) counts.set(line_number, (counts.get(line_number) ?? 0) + count);
  return { reached: [...counts.values()].filter((count) => count > 0).length, of: counts.size };
}
