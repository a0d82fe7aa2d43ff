import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildCoverageLines } from '../../../src/report/build-coverage.ts';
import { countedFiles } from '../../../src/target/gcov/counted-files.ts';
import { coverageOf, parseGcov } from '../../../src/target/gcov/gcov.ts';
import { coverageDir } from '../../../src/target/programs/instruments.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mf-test-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const line = (line_number: number, count: number, function_name: string, branches: number[] = []) => ({
  line_number,
  count,
  function_name,
  branches: branches.map((each) => ({ count: each })),
});
const said = JSON.stringify({
  files: [
    { file: '../include/qemu/job.h', functions: [], lines: [line(1, 0, 'x')] },
    {
      file: '../src/job.c',
      functions: [
        { name: 'job_create', execution_count: 2 },
        { name: 'job_is_paused', execution_count: 0 },
      ],
      // Line 3 is there twice: inlined at two places.
      lines: [
        line(3, 0, 'job_create', [1, 0]),
        line(3, 4, 'job_create'),
        line(4, 0, 'job_create'),
        line(9, 0, 'job_is_paused'),
      ],
    },
  ],
});

test('lines count once, headers not at all, and functions are told that never ran', () => {
  expect(parseGcov('job.c', said)).toEqual({
    source: 'job.c',
    lines: { reached: 1, of: 3 },
    branches: { reached: 1, of: 2 },
    neverEntered: ['job_is_paused'],
    partly: [{ name: 'job_create', missed: 1, of: 2 }],
  });
});

test('a table says each file, all together, and what is missing', () => {
  const text = buildCoverageLines([parseGcov('job.c', said), parseGcov('job-qmp.c', said)]).join('\n');
  expect(text).toMatch(/^job\.c +33\.3 % +50\.0 %$/m);
  expect(text).toMatch(/^job-qmp\.c +- +-$/m);
  expect(text).toMatch(/^together +33\.3 % +50\.0 %$/m);
  expect(text).toContain('  job.c: job_is_paused');
  expect(text).toContain('  job.c: job_create 1/2');
});

test('a directory that is no gcov build is refused in one line', () => {
  expect(() => countedFiles(dir)).toThrow(/not built for gcov/);
  expect(() => countedFiles(join(dir, 'nowhere'))).toThrow(/no such directory/);
});

const hasGcov = ['cc', 'gcov'].every((each) => spawnSync(each, ['--version']).status === 0);

test.runIf(hasGcov)(
  'counters that a program wrote elsewhere are read beside the notes of the compiler',
  () => {
    const objects = join(dir, 'libblock.a.p');
    mkdirSync(objects);
    writeFileSync(
      join(dir, 'job.c'),
      'int never(void) { return 1; }\nint main(int n, char **v) { return n > 1; }\n',
    );
    const cc = (...args: string[]) => spawnSync('cc', args, { cwd: dir }).status;
    expect(cc('--coverage', '-c', 'job.c', '-o', 'libblock.a.p/job.c.o')).toBe(0);
    expect(cc('--coverage', 'libblock.a.p/job.c.o', '-o', 'qemu')).toBe(0);
    const env = { ...process.env, GCOV_PREFIX: coverageDir(dir) };
    expect(countedFiles(dir)).toMatchObject([{ source: 'job.c' }]);
    expect(spawnSync(join(dir, 'qemu'), { env }).status).toBe(0);
    const [counted] = countedFiles(dir);
    expect(counted?.counters).toContain('mirrorfuzz-coverage');
    expect(coverageOf(counted as never)).toMatchObject({
      lines: { reached: 1, of: 2 },
      neverEntered: ['never'],
    });
  },
);
