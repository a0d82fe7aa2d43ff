import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFindings } from '../../src/findings/store.ts';
import { hasTrait } from '../../src/qemu/versions.ts';
import { parseSequence } from '../../src/sequence/parse.ts';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { descendants, isAlive, mirrorfuzz, start } from './mirrorfuzz.ts';
import { sequenceFile, sound, unsound } from './sequence-files.ts';
import { long, signature, storeFinding } from './stored-finding.ts';

const qemu = oneQemu();
const hasQemu = qemu !== undefined;
const reopens = qemu !== undefined && hasTrait(qemu.version, 'blockdev-reopen');
const daemonOnly = ['--flavour', 'daemon'];

test.runIf(hasQemu)('the minimal sequence of a file comes on stdout, the progress on stderr', async () => {
  const file = sequenceFile(temporaryDir(), 'long', long);
  const before = readFileSync(file, 'utf8');
  const { code, stdout, stderr } = await mirrorfuzz(['shrink', file, ...daemonOnly]);
  expect(parseSequence(stdout, 'stdout')).toEqual({
    ...{ schema: 1, title: 'long', arena: { disks: [] } },
    ...unsound,
  });
  expect(stderr).toMatch(/^ +\d steps +\d+ runs +rate 3\/3 +workload$/m);
  expect(stderr).toMatch(/^9 -> 1 steps; reproduced 8\/8 on .* daemon; \d+ runs$/m);
  expect(readFileSync(file, 'utf8')).toBe(before);
  expect(code).toBe(0);
});

test.runIf(hasQemu)('--record makes a finding of what a file breaks', async () => {
  const dir = temporaryDir();
  const file = sequenceFile(dir, 'long', long);
  const { code, stdout, stderr } = await mirrorfuzz([
    ...['shrink', file, ...daemonOnly, '--record', '--findings', join(dir, 'store')],
  ]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  const [, id = ''] = /^recorded as ([0-9a-f]{12}): /m.exec(stderr) ?? [];
  const stored = openFindings(join(dir, 'store')).read(id);
  expect(stored.sequence().steps).toEqual(unsound.steps);
  expect(stored.original().steps).toHaveLength(9);
  expect(stored.finding).toMatchObject({ steps: 1, count: 1, reproduced: { ok: 8, of: 8 } });
});

test.runIf(hasQemu)('-o writes it to a file, which can be replayed', async () => {
  const dir = temporaryDir();
  const out = join(dir, 'short.json');
  const { stdout } = await mirrorfuzz([
    ...['shrink', sequenceFile(dir, 'long', long), ...daemonOnly, '-o', out],
  ]);
  expect(stdout).toBe('');
  const replayed = await mirrorfuzz(['replay', out, ...daemonOnly, '--times', '2', '--quiet']);
  expect(replayed.stdout).toBe('reproduced 2/2\n');
});

test.runIf(hasQemu)(
  'a finding gets its smaller sequence, with a trace of it, and keeps its original',
  async () => {
    const dir = temporaryDir();
    const id = storeFinding(dir);
    const { code } = await mirrorfuzz(['shrink', id, '--findings', dir]);
    expect(code).toBe(0);
    const stored = openFindings(dir).read(id);
    expect(stored.sequence().steps).toEqual(unsound.steps);
    expect(stored.original().steps).toHaveLength(9);
    expect(stored.finding).toMatchObject({ id, signature, steps: 1, count: 1, reproduced: { ok: 8, of: 8 } });
    const [opened] = stored.trace();
    expect(opened?.kind === 'opened' && opened.sequence.steps).toEqual(unsound.steps);
  },
);

test.runIf(hasQemu)('the time is overrun by 5 s at most, whatever is being tried', async () => {
  const dir = temporaryDir();
  const slow = { ...long, steps: [...long.steps, ...Array(6).fill({ pause: 10_000 })] };
  const id = storeFinding(dir, slow);
  const tmp = temporaryDir();
  const shrinking = start(['shrink', id, '--findings', dir, '--time', '1s'], { TMPDIR: tmp });
  while (readdirSync(tmp).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const begunMs = performance.now();
  const { code, stderr } = await shrinking.ended;
  expect(performance.now() - begunMs).toBeLessThan(6_000);
  expect(stderr).toMatch(/: 1s were over before it was shown once \(try: a longer --time\)\n$/);
  expect(code).toBe(2);
});

test.runIf(hasQemu)('a finding that is minimal stays as it is', async () => {
  const dir = temporaryDir();
  const id = storeFinding(dir);
  await mirrorfuzz(['shrink', id, '--findings', dir]);
  const files = (): string[] =>
    readdirSync(join(dir, id)).map((name) => readFileSync(join(dir, id, name), 'utf8'));
  const before = files();
  const { code, stderr } = await mirrorfuzz(['shrink', id, '--findings', dir]);
  expect(stderr).toMatch(/^nothing smaller found; reproduced 8\/8/m);
  expect(files()).toEqual(before);
  expect(code).toBe(0);
});

test.runIf(hasQemu)('what breaks no rule can’t be shrunk: exit code 2', async () => {
  const { code, stdout, stderr } = await mirrorfuzz([
    ...['shrink', sequenceFile(temporaryDir(), 'sound', sound), ...daemonOnly],
  ]);
  expect(stderr).toMatch(
    /^mirrorfuzz: sound: no rule is broken on .* daemon, so there is nothing to shrink$/m,
  );
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test.runIf(hasQemu)(
  'Ctrl-C ends it with 130, what is found so far is kept, and nothing is left',
  async () => {
    const tmp = temporaryDir();
    const dir = temporaryDir();
    // Each run of it takes a second, so that there is something to interrupt.
    const slow = { ...long, steps: [{ pause: 1000 }, ...long.steps] };
    const out = join(dir, 'short.json');
    const running = start(['shrink', sequenceFile(dir, 'slow', slow), ...daemonOnly, '-o', out], {
      TMPDIR: tmp,
    });
    await running.says('rate 3/3');
    const family = descendants(running.pid);
    running.signalGroup('SIGINT');
    const { code } = await running.ended;
    expect(code).toBe(130);
    expect(parseSequence(readFileSync(out, 'utf8'), out).steps.length).toBeLessThan(slow.steps.length);
    while (family.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(readdirSync(tmp)).toEqual([]);
  },
);

test('a finding out of its store can be shrunk to a file only', async () => {
  const dir = temporaryDir();
  renameSync(join(dir, storeFinding(dir)), join(dir, 'copy'));
  const { code, stderr } = await mirrorfuzz(['shrink', join(dir, 'copy')]);
  expect(stderr).toMatch(/not in a directory of findings, so it can't be rewritten \(try: -o FILE\)/);
  expect(code).toBe(2);
});

test.runIf(reopens)('the command of the teardown that kills QEMU becomes a step, a step more', async () => {
  const dir = temporaryDir();
  const id = '4ea3d4aebf19';
  cpSync(join('findings', id), join(dir, id), { recursive: true });
  const file = join(dir, id, 'sequence.json');
  // As it was before there was a second shrinking.
  const { steps, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...rest, steps: steps.slice(0, 1) }));
  const out = join(dir, 'out.json');
  const { code } = await mirrorfuzz(['shrink', join(dir, id), '--time', '30s', '-o', out]);
  expect(code).toBe(0);
  const shown = parseSequence(readFileSync(out, 'utf8'), out);
  expect(shown.steps.map((step) => 'qmp' in step && step.qmp)).toEqual(['blockdev-reopen', 'blockdev-del']);
});
