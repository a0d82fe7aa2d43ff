import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Fact } from '../../src/judge/facts/fact.ts';
import { writeBinDir as binDir } from '../../src/target/programs/bin-dir.ts';
import { findExecutable } from '../../src/target/programs/executable.ts';
import { programNames, type Role } from '../../src/target/programs/program.ts';
import type { Observation, Seen, Trace } from '../../src/trace/observation.ts';
import { asPlace } from '../../src/trace/place.ts';
import { driving, type Part } from '../execute/driving.ts';
import { oneQemu } from '../real/qemus.ts';
import { script } from '../target/fake-qemu.ts';
import { temporaryDir } from '../target/temporary.ts';
import { died as deathBy, figure, holding, leftBehind, unclaimed, written } from './facts.ts';
import { ruleNamed } from './found.ts';
import { ran, scriptOf } from './scripts.ts';

const mirror: Part = {
  disks: [{ name: 'src', format: 'qcow2', sizeBytes: 2 ** 20, fill: 'seeded', frontend: 'nbd' }],
  steps: [
    {
      qmp: 'blockdev-mirror',
      args: { 'job-id': 'j0', device: { disk: 'src' }, target: { newDisk: 'dst' }, sync: 'full' },
    },
    { await: 'READY', job: '#0' },
    { guest: 'write', disk: 'src', offsetBytes: 4096, lengthBytes: 4096 },
    { guest: 'write', disk: 'src', offsetBytes: 65536, lengthBytes: 4096, wait: false },
    { await: 'guest' },
    { raw: '{"execute": [' },
    { fault: 'sigstop' },
    { qmp: 'query-jobs', wait: false },
    { fault: 'sigcont' },
    { await: 'reply' },
    { pause: 2 },
    { qmp: 'job-complete', args: { id: '#0' } },
    { await: 'gone', job: '#0' },
  ],
  after: [{ same: ['src', 'dst'] }, { check: 'dst' }],
};

const target = oneQemu();

describe.runIf(target?.daemon)('on a real QEMU', () => {
  if (!target) return;
  const { run } = driving({ target, flavour: 'daemon' });
  const qemu = (dir: string) => binDir(target, dir);
  const bin = binDir(target, mkdtempSync(join(tmpdir(), 'mf-test-')));
  afterAll(() => rmSync(bin, { recursive: true, force: true }));

  test.each<[what: string, rule: string, at: (trace: Trace) => number, add?: Seen]>([
    ['a crash', 'crash/signal', last, { kind: 'exit', code: null, signal: 'SIGSEGV', asked: false }],
    ['an exit', 'crash/unexpected-exit', last, { kind: 'exit', code: 1, signal: null, asked: false }],
    ['an exit code', 'crash/exit-code', last, { kind: 'exit', code: 1, signal: null, asked: true }],
    [
      'a command without an answer',
      'hang/command',
      last,
      { kind: 'expired', what: 'command', deadlineMs: 1 },
    ],
    ['a job that does not end', 'hang/settle', last, { kind: 'expired', what: 'settle', deadlineMs: 1 }],
    ['a leak', 'leak/leftover', last, { kind: 'leftover', what: 'node', names: ['src'] }],
    ['an open file', 'leak/open-file', last, { kind: 'leftover', what: 'file', names: ['src.qcow2'] }],
    ['more descriptors', 'leak/descriptors', last],
    ['images that differ', 'claim/image', (trace) => trace.findIndex((seen) => seen.kind === 'image')],
    ['a status out of order', 'state/transition', (trace) => changeTo(trace, 'waiting')],
  ])('a QEMU without %s: the script exits 0', async (_what, rule, at, add) => {
    const { trace } = await run(mirror);
    const shown = add ? [...trace.slice(0, -1), { us: 10 ** 9, ...add }, ...trace.slice(-1)] : trace;
    const text = scriptOf(shown, {
      rule: ruleNamed(rule),
      at: asPlace(at(shown)),
      facts: factsOf[rule] ?? unclaimed,
    });
    const expected = rule === 'state/transition' ? 1 : 0; // that change is in every mirror: it is found again
    expect(ran(text, [bin])).toMatchObject({ code: expected });
  });

  test('the steps stand under their numbers and words, and no path of the run is left', async () => {
    const { trace } = await run(mirror);
    const text = scriptOf(trace, {
      rule: ruleNamed('leak/leftover'),
      at: asPlace(5),
      facts: leftBehind('node', 'src'),
    });
    expect(text).toContain('\n# 1. mirror j0: src -> dst sync=full\n');
    expect(text).toContain(
      '\n# 12. complete (job-*) #0\nqmp \'{"execute": "job-complete", "arguments": {"id": "j0"}}\'\n',
    );
    expect(text).toMatch(/\nguest src 'write -P 1?\d+ 4096 4096'\n/);
    expect(text).not.toMatch(/mirrorfuzz-|\/dev\/shm|\/tmp/);
  });

  test('a QEMU that dies of that signal: the script exits 1', async () => {
    const trace = await crashed('SIGSEGV');
    const dir = dying(temporaryDir(), 'SEGV');
    expect(ran(trace, [dir])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/the defect shows: QEMU was killed by signal 11/),
    });
  });

  test('a QEMU that dies otherwise: the script exits 2', async () => {
    const trace = await crashed('SIGSEGV');
    expect(ran(trace, [dying(temporaryDir(), 'ABRT')])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/but by signal 6/),
    });
  });

  test('a QEMU that dies with other words: the script exits 2', async () => {
    const trace = await crashed('SIGABRT', 'q: ../x.c:7: f: Assertion `it\'s "so"\' failed.\n');
    expect(ran(trace, [dying(temporaryDir(), 'ABRT')])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/something else/),
    });
    const same = dying(temporaryDir(), 'ABRT', 'q: ../../x.c:9: f: Assertion `it\'s "so"\' failed.');
    expect(ran(trace, [same])).toMatchObject({ code: 1 });
  });

  test('a heap that is corrupted is the same defect, wherever the C library notices', async () => {
    const trace = await crashed('SIGABRT', 'malloc_consolidate(): invalid chunk size\n');
    const elsewhere = dying(temporaryDir(), 'ABRT', 'corrupted double-linked list (not small)');
    expect(ran(trace, [elsewhere])).toMatchObject({ code: 1 });
    expect(ran(trace, [dying(temporaryDir(), 'ABRT', 'q: free (corrupted) failed')])).toMatchObject({
      code: 2,
    });
  });

  test('a QEMU that answers no more: the script exits 1 where that is the defect, else 2', async () => {
    const { trace } = await run({ steps: [{ pause: 1500 }, { qmp: 'query-jobs' }] });
    const stopped = dying(temporaryDir(), 'STOP', '', 1);
    const expired: Trace = [...trace, { us: 10 ** 9, kind: 'expired', what: 'command', deadlineMs: 1 }];
    const hang = {
      rule: ruleNamed('hang/command'),
      at: asPlace(trace.length),
      facts: { shape: 'lacking', what: 'reply', command: 'query-jobs', afterMs: 1 } as const,
    };
    expect(ran(scriptOf(expired, hang), [stopped], { PATIENCE: '1' })).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/the defect shows: no reply: .*query-jobs/),
    });
    const leak = {
      rule: ruleNamed('leak/leftover'),
      at: asPlace(trace.length - 1),
      facts: leftBehind('job', 'j0'),
    };
    expect(ran(scriptOf(trace, leak), [stopped], { PATIENCE: '1' })).toMatchObject({ code: 2 });
  });

  test.each<[claim: 'ok' | 'error', name: string, code: number]>([
    ['ok', 'query-jobs', 0],
    ['error', 'query-jobs', 1],
    ['ok', 'blockdev-frobnicate', 1],
    ['error', 'blockdev-frobnicate', 0],
  ])('of a command that should be answered by %s, %s: exit code %i', async (expect_, qmp, code) => {
    const { trace } = await run({ steps: [{ qmp, expect: expect_ }] });
    const at = trace.findIndex((seen) => seen.kind === 'reply' && isStep(trace, seen.id));
    expect(
      ran(
        scriptOf(trace, {
          rule: ruleNamed('claim/reply'),
          at: asPlace(at),
          step: 0,
          facts: unclaimed,
        }),
        [bin],
      ),
    ).toMatchObject({ code });
  });

  test('an image that holds what it must not: exit code 1, and 0 where it holds it', async () => {
    const { trace } = await run({ ...mirror, after: [{ content: 'dst' }] });
    const at = trace.findIndex((seen) => seen.kind === 'content');
    const rule = ruleNamed('claim/image');
    const holds = (...wrong: Parameters<typeof holding>[1][]) =>
      ran(scriptOf(trace, { rule, at: asPlace(at), facts: holding('dst', ...wrong) }), [bin]).code;
    expect(holds(['0+512', 'zero', 'src:0'])).toBe(0);
    expect(holds(['4096+4096', 'zero', written(1)])).toBe(0);
    expect(holds(['0+512', 'src:0', 'zero'])).toBe(1);
  });

  test('an image that wants a key is made, opened and read with it, also below another: exit code 1, not 2', async () => {
    const sizeBytes = 131_072;
    const { trace } = await run({
      disks: [
        { name: 'base', format: 'qcow2', sizeBytes, qcow2: { encrypted: true }, fill: 'full' },
        { name: 'src', format: 'qcow2', sizeBytes, backing: 'base', fill: { runs: [[0, 512]] } },
      ],
      steps: [{ qmp: 'query-jobs' }],
      after: [{ content: 'src' }],
    });
    const facts = holding('src', ['0+512', 'zero', 'src:0'], ['4096+512', 'zero', 'src:0']);
    const at = asPlace(trace.findIndex(({ kind }) => kind === 'content'));
    expect(ran(scriptOf(trace, { rule: ruleNamed('claim/image'), at, facts }), [bin])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('the defect shows: src: 4096+512 does not hold src:0'),
    });
  });

  test('what only the model can tell is left to the reader, with the monitor’s log: exit code 2', async () => {
    const { trace } = await run(mirror);
    const text = scriptOf(trace, {
      rule: ruleNamed('state/progress-grows'),
      at: asPlace(5),
      facts: unclaimed,
    });
    expect(ran(text, [bin])).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('BLOCK_JOB_READY'),
      stderr: expect.stringMatching(/a script can't tell/),
    });
  });

  test('a QEMU that is killed and started again goes on with the images as they are', async () => {
    const { trace } = await run({
      disks: [{ name: 'src', format: 'qcow2', sizeBytes: 2 ** 20, fill: 'seeded', frontend: 'nbd' }],
      steps: [
        { guest: 'write', disk: 'src', offsetBytes: 4096, lengthBytes: 4096, fua: true },
        { fault: 'sigkill' },
        { fault: 'restart' },
        { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 4096 },
      ],
      after: [{ content: 'src' }],
    });
    const at = trace.findIndex((seen) => seen.kind === 'content');
    const holds = (place: string) =>
      scriptOf(trace, {
        rule: ruleNamed('integrity/guest-disk'),
        at: asPlace(at),
        facts: holding('src', [place, 'zero', written(1)]),
      });
    expect(ran(holds('4096+4096'), [bin])).toMatchObject({ code: 0 });
    expect(ran(holds('0+4096'), [bin])).toMatchObject({ code: 1 });
  });

  test('a disk has no room where it had none, however large its image is here', async () => {
    const { trace } = await run({
      disks: [
        { name: 'dst', format: 'qcow2', sizeBytes: 2 ** 20, layers: [{ room: { bytes: 400_384 } }] },
        { name: 'src', format: 'qcow2', sizeBytes: 2 ** 20, fill: 'full' },
      ],
      steps: [
        { fault: 'fill', disk: 'dst' },
        { qmp: 'blockdev-mirror', args: { ...mirrorArgs, target: { disk: 'dst' } } },
        { await: { event: 'BLOCK_JOB_ERROR' }, expect: 'met' },
        { fault: 'room', disk: 'dst' },
      ],
    });
    const at = trace.findIndex((seen) => seen.kind === 'await');
    const text = scriptOf(trace, {
      rule: ruleNamed('claim/await'),
      at: asPlace(at),
      step: 2,
      facts: unclaimed,
    });
    expect(text).toContain("truncate -s '>400384' dst.qcow2");
    expect(ran(text, [bin])).toMatchObject({ code: 0 });
  });

  test('a storage that a script can’t set up: it says so, and exits 2', async () => {
    const { trace } = await run(mirror);
    const [opened, ...rest] = trace;
    if (opened?.kind !== 'opened') throw new Error('a trace opens with what ran');
    const { sequence } = opened;
    const disks = sequence.arena.disks.map((disk) => ({ ...disk, storage: 'iscsi' as const }));
    const served: Trace = [{ ...opened, sequence: { ...sequence, arena: { disks } } }, ...rest];
    const text = scriptOf(served, {
      rule: ruleNamed('leak/leftover'),
      at: asPlace(5),
      facts: leftBehind('node', 'src'),
    });
    expect(ran(text, [bin])).toMatchObject({ code: 2, stderr: expect.stringMatching(/src lies on iscsi/) });
  });

  test.each([
    ['as it was recorded', (told: Trace) => told, 1],
    ['ended otherwise', (told: Trace) => told.map((seen) => renamed(seen, 'BLOCK_JOB_CANCELLED')), 0],
    ['went another way', (told: Trace) => told.filter((seen) => !isChange(seen, 'waiting')), 2],
  ] as const)('a job whose story was told %s', async (_what, tell, code) => {
    const { trace } = await run(mirror);
    const told = tell(trace);
    const at = told.findIndex((seen) => seen.kind === 'event' && /COMPLETED|CANCELLED/.test(seen.name));
    const text = scriptOf(told, {
      rule: ruleNamed('state/early-cancel-cancels'),
      at: asPlace(at),
      facts: unclaimed,
    });
    expect(ran(text, [bin])).toMatchObject({ code });
  });

  test.each([
    ['src', false, 'not taken away', 0],
    ['dst', true, 'unknown', 1],
  ] as const)(
    'of the listed nodes, %s, wrongly listed %s, %s: exit code %i',
    async (node, listed, why, code) => {
      const { trace } = await run({
        ...mirror,
        steps: [...(mirror.steps ?? []), { qmp: 'query-named-block-nodes' }],
      });
      const asked = trace.findLast((seen) => seen.kind === 'command' && seen.step === 13);
      const id = asked?.kind === 'command' ? asked.id : undefined;
      const at = trace.findIndex((seen) => seen.kind === 'reply' && seen.id === id);
      const violation = {
        rule: ruleNamed('graph/nodes-listed'),
        at: asPlace(at),
        step: 13,
        facts: { shape: 'shown', query: 'query-named-block-nodes', what: 'node', node, listed, why } as const,
      };
      expect(ran(scriptOf(trace, violation), [bin])).toMatchObject({ code });
    },
  );

  test.each([
    [0, 1],
    [7, 0],
  ])('of an event with speed %i: exit code %i', async (speed, code) => {
    const { trace } = await run(mirror);
    const at = trace.findIndex((seen) => seen.kind === 'event' && seen.name === 'BLOCK_JOB_COMPLETED');
    const facts = figure({ is: 'wrong speed', speed, set: [5] });
    expect(
      ran(
        scriptOf(trace, {
          rule: ruleNamed('state/event-fields'),
          at: asPlace(at),
          facts,
        }),
        [bin],
      ),
    ).toMatchObject({
      code,
    });
  });

  test('without the program, or with one that does not start: exit code 2', async () => {
    const text = await crashed('SIGSEGV');
    expect(ran(text, [temporaryDir()])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/there is no qemu-storage-daemon in/),
    });
    const dir = qemu(temporaryDir());
    script(join(dir, 'qemu-storage-daemon'), 'echo "no luck today" >&2; exit 1');
    expect(ran(text, [dir])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no luck today|does not start/),
    });
    script(join(dir, 'qemu-img'), 'exit 1');
    expect(ran(text, [dir])).toMatchObject({ code: 2, stderr: expect.stringMatching(/no image/) });
  });

  test('needs nothing but bash, coreutils and QEMU, and leaves nothing behind', async () => {
    const tmp = temporaryDir();
    const path = onlyCoreutils();
    expect(ran(await crashed('SIGSEGV'), [bin], { TMPDIR: tmp, PATH: path })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(readdirSync(tmp)).toEqual([]);
  });

  /** The script for a mirror in whose end QEMU died. */
  async function crashed(signal: string, stderr = ''): Promise<string> {
    const { trace } = await run(mirror);
    const died: Seen[] = [
      ...(stderr === '' ? [] : [{ kind: 'stderr', text: stderr } as const]),
      { kind: 'exit', code: null, signal, asked: false },
    ];
    const shown = [...trace.slice(0, -1), ...died.map((seen) => ({ us: 10 ** 9, ...seen }))];
    return scriptOf(shown, {
      rule: ruleNamed('crash/signal'),
      at: asPlace(shown.length - 1),
      facts: deathBy(signal),
    });
  }

  /** A QEMU that gets a signal when it is a moment old, having said something. */
  function dying(dir: string, signal: string, words = '', afterSeconds = 1): string {
    qemu(dir);
    const real = target?.daemon?.argv.join(' ');
    const say = words === '' ? '' : `cat >&2 <<'END'\n${words}\nEND\n`;
    script(
      join(dir, name('daemon')),
      `${say}(sleep ${afterSeconds}; kill -${signal} $$) &\nexec ${real} "$@"`,
    );
    return dir;
  }
});

const mirrorArgs = { 'job-id': 'j0', device: { disk: 'src' }, sync: 'full' };

const isChange = (seen: Observation, status: string): boolean =>
  seen.kind === 'event' && seen.data.status === status;

/** The same event under another name, where it tells of a job's end. */
const renamed = (seen: Observation, name: string): Observation =>
  seen.kind === 'event' && seen.name === 'BLOCK_JOB_COMPLETED' ? { ...seen, name } : seen;

const name = (role: Role): string => programNames[role][0] as string;
const last = (trace: Trace): number => trace.length - 2;

function changeTo(trace: Trace, status: string): number {
  return trace.findIndex((seen) => seen.kind === 'event' && seen.data.status === status);
}

function isStep(trace: Trace, id: unknown): boolean {
  return trace.some((seen) => seen.kind === 'command' && seen.id === id && seen.step === 0);
}

const factsOf: Record<string, Fact> = {
  'leak/leftover': leftBehind('node', 'src'),
  'leak/open-file': leftBehind('file', 'src.qcow2'),
  'leak/descriptors': { shape: 'left', what: 'descriptors', before: 9, after: 10 },
  'hang/command': { shape: 'lacking', what: 'reply', command: 'query-jobs', afterMs: 1 },
  'hang/settle': { shape: 'lacking', what: 'settling', afterMs: 10 },
  'crash/signal': deathBy('SIGSEGV'),
  'crash/unexpected-exit': deathBy(null, 1),
  'crash/exit-code': deathBy(null, 1, true),
};

/** A PATH with what the scripts may call, and nothing else. */
function onlyCoreutils(): string {
  const dir = temporaryDir();
  const tools = [
    'bash',
    'cat',
    'head',
    'ls',
    'mkfifo',
    'mktemp',
    'readlink',
    'rm',
    'sleep',
    'stat',
    'tail',
    'timeout',
    'tr',
    'truncate',
    'wc',
    'qemu-io',
    'yes',
  ];
  for (const tool of tools) symlinkSync(findExecutable(tool) as string, join(dir, tool));
  return dir;
}
