import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { printTrace } from '../../src/trace/lines.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { fixtures, recorded, recordedFile } from '../judge/recorded.ts';

const main = join(import.meta.dirname, '../../src/cli/main.ts');
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'judge-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** With an empty cache, so that only the schemas beside the traces are at hand. */
const judge = (...args: string[]) =>
  execa(process.execPath, [main, 'judge', ...args], {
    reject: false,
    env: { XDG_CACHE_HOME: join(dir, 'cache'), NO_COLOR: '1' },
  });

/** The recorded run, in which the command that does not exist has been carried out. */
function lying(): Trace {
  return recorded().map((seen) =>
    seen.kind === 'reply' && seen.error?.class === 'CommandNotFound' && seen.id !== undefined
      ? { us: seen.us, kind: 'reply', id: seen.id, return: {} }
      : seen,
  );
}

test('a stored trace in which nothing is wrong passes', async () => {
  const { exitCode, stdout } = await judge(recordedFile);
  expect(stdout).toMatch(/^ok .*mirror-among-refusals +7\.2\.22 +daemon/);
  expect(stdout).toContain('1 passed, 0 failed');
  expect(exitCode).toBe(0);
});

test('a broken rule is named, with its step, and the exit code is 1', async () => {
  cpSync(join(fixtures, 'schemas'), join(dir, 'schemas'), { recursive: true });
  writeFileSync(join(dir, 'lie.trace.jsonl'), printTrace(lying()));
  copyFileSync(recordedFile, join(dir, 'true.trace.jsonl.gz'));
  const { exitCode, stdout } = await judge(dir, '--json', join(dir, 'result.json'));
  expect(stdout).toContain('validation/unknown-command, step 2: nope is no command here');
  expect(stdout).toContain('1 passed, 1 failed');
  expect(exitCode).toBe(1);
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
  const { exitCode, stdout } = await judge(join(dir, 'lie.jsonl'));
  expect(stdout).toMatch(/^ok .* not judged by schema$/m);
  expect(stdout).toContain('1 not judged by schema, which is not at hand');
  expect(exitCode).toBe(0);
});

test('a trace of an arena that QEMU refused is undecided', async () => {
  const [opened, ...rest] = recorded();
  const atSteps = rest.findIndex((seen) => seen.kind === 'phase' && seen.phase === 'steps');
  writeFileSync(join(dir, 'a.jsonl'), printTrace([opened!, ...rest.slice(0, atSteps)]));
  const { exitCode, stdout } = await judge(join(dir, 'a.jsonl'));
  expect(stdout).toContain('unknown: the arena could not be set up');
  expect(exitCode).toBe(0);
});

test('what is no trace is named, the others are judged, and the exit code is 2', async () => {
  writeFileSync(join(dir, 'a.jsonl'), '{"title":"no trace"}\n');
  copyFileSync(recordedFile, join(dir, 'b.jsonl.gz'));
  const { exitCode, stdout, stderr } = await judge(dir);
  expect(stderr).toMatch(/^mirrorfuzz: .*a\.jsonl:1: /);
  expect(stdout).toContain('1 passed, 0 failed, 1 unreadable');
  expect(exitCode).toBe(2);
});

test('a directory without traces is a mistake', async () => {
  mkdirSync(join(dir, 'empty'));
  const { exitCode, stderr } = await judge(join(dir, 'empty'));
  expect(stderr).toContain('no trace (*.jsonl, *.jsonl.gz) in this directory');
  expect(exitCode).toBe(2);
});
