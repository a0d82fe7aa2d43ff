import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseTrace } from '../../src/trace/lines.ts';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { mirrorfuzz } from './mirrorfuzz.ts';
import { resultSchema } from './result-schema.ts';
import { refused, sequenceFile, sound, unsound } from './sequence-files.ts';

const hasQemu = oneQemu() !== undefined;
const daemonOnly = ['--flavour', 'daemon'];

test.runIf(hasQemu)(
  'a sound sequence passes in both flavours: exit code 0, and nothing on stderr',
  async () => {
    const { code, stdout, stderr } = await mirrorfuzz(['run', sequenceFile(temporaryDir(), 'sound', sound)]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^ok +sound .* system/m);
    expect(stdout).toMatch(/^ok +sound .* daemon/m);
    expect(stdout).toMatch(/^2 passed, 0 failed, 0 skipped; 2 of 2 sequences decided; /m);
    expect(code).toBe(0);
  },
);

test.runIf(hasQemu)(
  'with --json - stdout is the contract’s JSON alone, and a finding gives exit code 1',
  async () => {
    const dir = temporaryDir();
    sequenceFile(dir, 'a-sound', sound);
    sequenceFile(dir, 'b-unsound', unsound);
    const { code, stdout, stderr } = await mirrorfuzz(['run', dir, '--json', '-']);
    const result = resultSchema.parse(JSON.parse(stdout));
    expect(code).toBe(1);
    expect(result).toMatchObject({ verdict: 'fail', sequences: 4, restarts: 0 });
    expect(result.qemu.map(({ flavour }) => flavour).toSorted()).toEqual(['daemon', 'system']);
    // Both flavours break the same rule in the same words: that is one finding.
    expect(result.findings).toMatchObject([
      { kind: 'validation', rule: 'claim/reply', steps: 1, path: join(dir, 'b-unsound.json') },
    ]);
    expect(stderr).toMatch(/^FAIL +b-unsound/m);
  },
);

test.runIf(hasQemu)('the same finding has the same id every time', async () => {
  const file = sequenceFile(temporaryDir(), 'unsound', unsound);
  const ids = await Promise.all(
    [1, 2].map(async () => {
      const { stdout } = await mirrorfuzz(['run', file, ...daemonOnly, '--json', '-']);
      return resultSchema.parse(JSON.parse(stdout)).findings.map(({ id }) => id);
    }),
  );
  expect(ids[0]).toHaveLength(1);
  expect(ids[1]).toEqual(ids[0]);
});

test.runIf(hasQemu)('an arena that QEMU refuses is no finding: exit code 3, and the reason', async () => {
  const file = sequenceFile(temporaryDir(), 'refused', refused);
  const { code, stdout } = await mirrorfuzz(['run', file, ...daemonOnly, '--json', '-']);
  expect(resultSchema.parse(JSON.parse(stdout))).toMatchObject({
    verdict: 'unknown',
    findings: [],
    items: [{ verdict: 'unknown', reason: expect.stringMatching(/^the arena was refused: /) }],
  });
  expect(code).toBe(3);
});

test.runIf(hasQemu)('where all is skipped, with the reason, nothing has passed: exit code 3', async () => {
  const needs = { ...sound, requires: { commands: { 'x-no-such-command': [] } } };
  const file = sequenceFile(temporaryDir(), 'skipped', needs);
  const { code, stdout } = await mirrorfuzz(['run', file, ...daemonOnly]);
  expect(stdout).toMatch(/^skip +skipped .*skipped: .* has no x-no-such-command$/m);
  expect(stdout).toMatch(/^0 passed, 0 failed, 1 skipped; 0 of 0 sequences decided; /m);
  expect(code).toBe(3);
});

test.runIf(hasQemu)(
  '--traces keeps a trace of each run, also of two files of one name, and each reads back',
  async () => {
    const [dir, other] = [temporaryDir(), temporaryDir()];
    const files = [sequenceFile(dir, 'same', sound), sequenceFile(other, 'same', unsound)];
    const traces = join(dir, 'new', 'traces');
    const json = join(dir, 'out.json');
    await mirrorfuzz(['run', ...files, '--traces', traces, '--json', json]);
    const names = readdirSync(traces).filter((name) => name.endsWith('.trace.jsonl'));
    const read = names.map((name) => parseTrace(readFileSync(join(traces, name), 'utf8'), name));
    expect(read.map((trace) => trace.at(-1)?.kind)).toEqual(Array(4).fill('closed'));
    expect(read.map(([opened]) => opened?.kind === 'opened' && opened.sequence.title)).toEqual(
      Array(4).fill('same'),
    );
    expect(resultSchema.parse(JSON.parse(readFileSync(json, 'utf8'))).verdict).toBe('fail');
  },
);

test.runIf(hasQemu)('--quiet tells only what went wrong; NO_COLOR and a pipe have no colours', async () => {
  const dir = temporaryDir();
  sequenceFile(dir, 'a-sound', sound);
  sequenceFile(dir, 'b-unsound', unsound);
  const { stdout } = await mirrorfuzz(['run', dir, '--quiet', ...daemonOnly], { NO_COLOR: '1' });
  expect(stdout).not.toContain('a-sound');
  expect(stdout).toContain('b-unsound');
  expect(stdout).not.toContain('\u001b');
});
