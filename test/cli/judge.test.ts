import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { printTrace } from '../../src/trace/lines.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { fixtures, recorded, recordedFile } from '../judge/recorded.ts';
import { inProcess } from './in-process.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'judge-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** With an empty cache, so that only the schemas beside the traces are at hand. */
async function judge(...args: string[]) {
  vi.stubEnv('XDG_CACHE_HOME', join(dir, 'cache'));
  vi.stubEnv('NO_COLOR', '1');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { code, stdout, stderr } = await inProcess(['judge', ...args]);
  return { code, stdout: stdout.replace(/\n$/, ''), stderr: stderr.replace(/\n$/, '') };
}

/** The recorded run, in which the command that does not exist has been carried out. */
function lying(): Trace {
  return recorded().map((seen) =>
    seen.kind === 'reply' && seen.error?.class === 'CommandNotFound' && seen.id !== undefined
      ? { us: seen.us, kind: 'reply', id: seen.id, return: {} }
      : seen,
  );
}

test('a stored trace in which nothing is wrong passes', async () => {
  const { code, stdout } = await judge(recordedFile);
  expect(stdout).toMatch(/^ok .*mirror-among-refusals +7\.2\.22 +daemon/);
  expect(stdout).toContain('1 passed, 0 failed');
  expect(code).toBe(0);
});

test('a broken rule is named, with its step, and the exit code is 1', async () => {
  cpSync(join(fixtures, 'schemas'), join(dir, 'schemas'), { recursive: true });
  writeFileSync(join(dir, 'lie.trace.jsonl'), printTrace(lying()));
  copyFileSync(recordedFile, join(dir, 'true.trace.jsonl.gz'));
  const { code, stdout } = await judge(dir, '--json', join(dir, 'result.json'));
  expect(stdout).toContain('validation/unknown-command, step 2: nope is no command here');
  expect(stdout).toContain('1 passed, 1 failed');
  expect(code).toBe(1);
  const result = JSON.parse(readFileSync(join(dir, 'result.json'), 'utf8'));
  expect(result).toMatchObject({
    schema: 1,
    verdict: 'fail',
    unreadable: [],
    traces: [
      { verdict: 'fail', bySchema: true, violations: [{ kind: 'validation', step: 1 }] },
      { verdict: 'pass', bySchema: true, violations: [] },
    ],
  });
});

test('without the schema it says so, and judges what can be judged', async () => {
  writeFileSync(join(dir, 'lie.jsonl'), printTrace(lying()));
  const { code, stdout } = await judge(join(dir, 'lie.jsonl'));
  expect(stdout).toMatch(/^ok .* not judged by schema$/m);
  expect(stdout).toContain('1 not judged by schema, which is not at hand');
  expect(code).toBe(0);
});

test('a trace of an arena that QEMU refused is undecided', async () => {
  const [opened, ...rest] = recorded();
  const atSteps = rest.findIndex((seen) => seen.kind === 'phase' && seen.phase === 'steps');
  const closed = rest.at(-1)!;
  writeFileSync(join(dir, 'a.jsonl'), printTrace([opened!, ...rest.slice(0, atSteps), closed]));
  const { code, stdout } = await judge(join(dir, 'a.jsonl'));
  expect(stdout).toContain('unknown: the arena could not be set up');
  expect(stdout).toContain('0 passed, 0 failed; 0 of 1 trace decided');
  expect(code).toBe(3);
});

test('what is no trace is named, the others are judged, and the exit code is 2', async () => {
  writeFileSync(join(dir, 'a.jsonl'), '{"title":"no trace"}\n');
  copyFileSync(recordedFile, join(dir, 'b.jsonl.gz'));
  const { code, stdout, stderr } = await judge(dir);
  expect(stderr).toMatch(/^mirrorfuzz: .*a\.jsonl:1: /);
  expect(stdout).toContain('1 passed, 0 failed, 1 unreadable');
  expect(code).toBe(2);
});

test('a directory without traces is a mistake', async () => {
  mkdirSync(join(dir, 'empty'));
  const { code, stderr } = await judge(join(dir, 'empty'));
  expect(stderr).toContain('no trace (*.jsonl, *.jsonl.gz) in this directory');
  expect(code).toBe(2);
});

/** The recorded run with another first line. */
function opening(change: object): string {
  const [opened, ...rest] = recorded();
  return printTrace([{ ...opened!, ...change } as Trace[number], ...rest]);
}

test.each([
  [
    'of another schema',
    opening({ schema: 2 }),
    /a\.jsonl:1: a trace of schema 2; this mirrorfuzz reads schema 1/,
  ],
  ['that says no QEMU', opening({ qemu: null }), /a\.jsonl:1: it does not say which QEMU ran/],
  ['without a sequence', opening({ sequence: {} }), /a\.jsonl:1: it does not say what was run/],
  [
    'with a line that is none of ours',
    `${opening({})}{"us":1,"kind":"command"}\n`,
    /a\.jsonl: can't be judged: /,
  ],
  [
    'that is a compressed file of other bytes',
    Buffer.from([0x1f, 0x8b, 1, 2, 3]),
    /a\.jsonl: can't be read: /,
  ],
])('a trace %s is one line, the rest is judged, and the exit code is 2', async (_what, content, line) => {
  writeFileSync(join(dir, 'a.jsonl'), content);
  copyFileSync(recordedFile, join(dir, 'b.jsonl.gz'));
  const { code, stdout, stderr } = await judge(dir);
  expect(stderr).toMatch(line);
  expect(stderr.split('\n')).toHaveLength(1);
  expect(stdout).toContain('1 passed, 0 failed, 1 unreadable; 1 of 1 trace decided');
  expect(code).toBe(2);
});

test.each([
  ['', printTrace(recorded().slice(0, -2))],
  [' and compressed', gzipSync(printTrace(recorded())).subarray(0, -40)],
])('a trace that is cut off%s is undecided, and the rest is judged', async (_what, content) => {
  writeFileSync(join(dir, 'a.jsonl'), content);
  copyFileSync(recordedFile, join(dir, 'b.jsonl.gz'));
  const { code, stdout } = await judge(dir);
  expect(stdout).toContain('unknown: the trace is cut off');
  expect(stdout).toContain('1 passed, 0 failed; 1 of 2 traces decided');
  expect(code).toBe(3);
});

test('a finding is the exit code, whatever else could not be judged', async () => {
  cpSync(join(fixtures, 'schemas'), join(dir, 'schemas'), { recursive: true });
  writeFileSync(join(dir, 'lie.jsonl'), printTrace(lying()));
  writeFileSync(join(dir, 'none.jsonl'), 'no trace\n');
  expect((await judge(join(dir, 'none.jsonl'), join(dir, 'lie.jsonl'))).code).toBe(1);
});

test('what never ends, or never begins, is not waited for', async () => {
  await execa('mkfifo', [join(dir, 'pipe')]);
  const { code, stdout, stderr } = await judge('/dev/zero', join(dir, 'pipe'), recordedFile);
  expect(stderr).toMatch(
    /\/dev\/zero: can't be read: it is neither a file nor a pipe\n.*pipe:1: a trace opens with/,
  );
  expect(stdout).toContain('1 passed, 0 failed, 2 unreadable');
  expect(code).toBe(2);
});
