import { expect, test } from 'vitest';
import type { Arena, Disk } from '../../src/sequence/arena.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Json, Step } from '../../src/sequence/step.ts';
import { shrink } from '../../src/shrink/shrink.ts';
import { command, fakeRuns, named, sequenceOf } from './fake-runs.ts';

/** What is left of a sequence of which only that matters. */
async function least(
  sequence: Sequence,
  breaks: (sequence: Sequence) => boolean,
  at?: number,
): Promise<Sequence> {
  const { plan } = fakeRuns({ breaks });
  const { sequence: found } = await shrink(sequence, {
    ...plan,
    ...(at === undefined ? {} : { known: { at } }),
  });
  return found;
}

const matches = (text: RegExp) => (sequence: Sequence) => text.test(JSON.stringify(sequence));
const has = (text: string) => (sequence: Sequence) => JSON.stringify(sequence).includes(text);
const both =
  (...conditions: ((sequence: Sequence) => boolean)[]) =>
  (sequence: Sequence) =>
    conditions.every((holds) => holds(sequence));
const disk = (name: string, rest: Partial<Disk> = {}): Disk => ({
  name,
  format: 'qcow2',
  sizeBytes: 2 ** 24,
  fill: 'seeded',
  ...rest,
});
const arenaOf = (...disks: Disk[]): { arena: Arena } => ({ arena: { disks } });
const stepsLeft = async (steps: Step[], breaks: (sequence: Sequence) => boolean) =>
  (await least(sequenceOf(steps), breaks)).steps;

test('what comes after the failing step goes in one run', async () => {
  const { plan, runs } = fakeRuns({ breaks: has('bad') });
  const steps = [command('bad'), ...Array.from({ length: 20 }, () => command('later'))];
  await shrink(sequenceOf(steps), { ...plan, known: { at: 0 } });
  expect(runs[3]?.steps).toEqual([command('bad')]);
});

test('steps that share nothing with the failing one go in one run, also by way of others', async () => {
  const start = (job: string, device: string): Step =>
    command('block-stream', { 'job-id': job, device: { disk: device } });
  const steps = [
    start('j0', 'a'),
    start('j1', 'b'),
    command('job-pause', { id: '#1' }),
    command('job-pause', { id: 'j0' }),
    { pause: 1 },
    command('job-complete', { id: 'j1' }),
  ];
  const { plan, runs } = fakeRuns({ breaks: has('job-complete') });
  await shrink(sequenceOf(steps, arenaOf(disk('a'), disk('b'))), { ...plan, known: { at: 5 } });
  expect(runs[3]?.steps).toEqual([steps[1], steps[2], steps[5]]);
});

test('where a job’s start goes, the numbers of the later jobs come down', async () => {
  const start = (job: string): Step => command('start', { 'job-id': job });
  const breaks = ({ steps }: Sequence): boolean => {
    const jobs = steps.filter((step) => 'qmp' in step && step.args?.['job-id'] !== undefined);
    const target = steps.findLast((step) => 'qmp' in step && step.qmp === 'job-cancel');
    const id = target && 'qmp' in target ? String(target.args?.id) : '';
    return /^#\d+$/.test(id) && has('"j2"')({ steps: [jobs[Number(id.slice(1))]] } as Sequence);
  };
  const left = await least(
    sequenceOf([start('j0'), start('j1'), start('j2'), command('job-cancel', { id: '#2' })]),
    breaks,
  );
  expect(left.steps).toEqual([start('j2'), command('job-cancel', { id: '#0' })]);
});

test('two steps of which one undoes the other go together where neither can go alone', async () => {
  const paired = (sequence: Sequence): boolean =>
    named(sequence).filter((name) => name === 'job-pause').length ===
    named(sequence).filter((name) => name === 'block-job-resume').length;
  const steps = ['job-pause', 'x', 'block-job-resume', 'bad'].map((name) => command(name));
  expect(await stepsLeft(steps, both(paired, has('bad')))).toEqual([command('bad')]);
});

test('transactions lose actions and arguments, lists lose elements', async () => {
  const action = (target: string): Json => ({
    type: 'blockdev-backup',
    data: { device: 'a', target, speed: 7 },
  });
  const steps = [
    command('transaction', { actions: [action('b'), action('c'), action('d')], properties: {} }),
  ];
  expect(await stepsLeft(steps, matches(/"actions":\[\{.*"data":\{.*"target":"c"/))).toEqual([
    command('transaction', { actions: [{ data: { target: 'c' } }] }),
  ]);
});

test('malformed values keep what matters: a nest comes up, texts and numbers shrink', async () => {
  expect(await stepsLeft([command('x', { a: { b: [[{ c: ['bad'] }]] } })], matches(/"a":.*bad/))).toEqual([
    command('x', { a: 'bad' }),
  ]);
  const long = (sequence: Sequence): boolean => /!{5}/.test(JSON.stringify(sequence));
  expect(await stepsLeft([command('x', { a: '!'.repeat(300) })], long)).toEqual([
    command('x', { a: '!'.repeat(5) }),
  ]);
  const large = ({ steps: [step] }: Sequence): boolean =>
    Number(step && 'qmp' in step && step.args?.a) > 1000;
  expect(await stepsLeft([command('x', { a: 2 ** 40 })], large)).toEqual([command('x', { a: 1024 })]);
});

test('what is nested a hundred deep comes up in a few runs', async () => {
  const nested = (depth: number): Json => (depth === 0 ? 'bad' : [nested(depth - 1)]);
  const { plan, runs } = fakeRuns({ breaks: matches(/"a":\[{5}.*bad/) });
  const { sequence } = await shrink(sequenceOf([command('x', { a: nested(100) })]), plan);
  expect(sequence.steps).toEqual([command('x', { a: nested(5) })]);
  expect(runs.length).toBeLessThan(100);
});

test('values that may as well be others become the plainest ones', async () => {
  const mirror = { 'job-id': 'job-77', device: { disk: 'src' }, sync: 'top', granularity: 4096 };
  const hasAll = ({ steps: [step] }: Sequence): boolean =>
    step !== undefined && 'qmp' in step && Object.keys(mirror).every((key) => step.args?.[key] !== undefined);
  const left = await least(sequenceOf([command('blockdev-mirror', mirror)], arenaOf(disk('src'))), hasAll);
  expect(left.steps).toEqual([
    command('blockdev-mirror', { 'job-id': 'j0', device: { disk: 'src' }, sync: 'full', granularity: 0 }),
  ]);
});

test('a text that names something is not touched, nor is a reference', async () => {
  const steps = [
    command('a', { 'node-name': 'twice' }),
    command('b', { 'node-name': 'twice', device: '#0' }),
  ];
  const namesNode = ({ steps }: Sequence): boolean =>
    steps.every((step) => 'qmp' in step && step.args?.['node-name'] !== undefined) &&
    named({ steps } as Sequence).length === 2;
  expect(await stepsLeft(steps, both(namesNode, has('device')))).toEqual(steps);
});

test('bytes are cut down to those that matter', async () => {
  const broken: Step = { raw: `{"execute": "x"}${' '.repeat(40)}\u0000tail`, splitAt: [3, 4] };
  expect(await stepsLeft([broken], has('\\u0000'))).toEqual([{ raw: '\u0000' }]);
  const pieces: Step = { raw: ['first', { repeat: '!', times: 5000 }, { base64: '/////w==' }] };
  expect(await stepsLeft([pieces], has('!'))).toEqual([{ raw: '!' }]);
});

test('guest steps lose what they can do without', async () => {
  const write: Step = {
    guest: 'zero',
    disk: 'src',
    offsetBytes: 4096,
    lengthBytes: 512,
    unmap: true,
    wait: false,
  };
  const left = await least(
    sequenceOf([write], arenaOf(disk('src'))),
    matches(/"guest":"(zero|write)","disk":"src"/),
  );
  expect(left.steps).toEqual([{ guest: 'write', disk: 'src' }]);
});

test('a pause becomes an await, or else a short round figure', async () => {
  const isAnything = ({ steps }: Sequence): boolean => steps.length === 1;
  expect(await stepsLeft([{ pause: 4321 }], isAnything)).toEqual([{ await: 'reply', deadlineMs: 1000 }]);
  const takesTime = ({ steps: [step] }: Sequence): boolean =>
    step !== undefined && 'pause' in step && step.pause > 50;
  expect(await stepsLeft([{ pause: 4321 }], takesTime)).toEqual([{ pause: 100 }]);
});

test('an await keeps a deadline, since without one each run may take ten seconds', async () => {
  const isAwait = ({ steps: [step] }: Sequence): boolean => step !== undefined && 'await' in step;
  const awaiting = (rest: { job?: string; deadlineMs?: number }): Step => ({ await: 'READY', ...rest });
  expect(await stepsLeft([awaiting({ job: '#0', deadlineMs: 37 })], isAwait)).toEqual([
    awaiting({ deadlineMs: 1000 }),
  ]);
  expect(await stepsLeft([awaiting({ deadlineMs: 60_000 })], isAwait)).toEqual([awaiting({})]);
});

test('what is claimed goes, unless it is the claim that is broken', async () => {
  const claimed = sequenceOf(
    [
      { qmp: 'a', expect: 'ok' },
      { qmp: 'b', expect: 'error' },
    ],
    {
      requires: { commands: { a: [] } },
      seed: 7,
      after: [{ check: { file: 'x', format: 'raw' } }],
    },
  );
  expect(await least(claimed, has('"a"'))).toEqual(sequenceOf([command('a')]));
  expect(await least(claimed, has('"error"'))).toEqual(sequenceOf([{ qmp: 'b', expect: 'error' }]));
});

test('the program that a sequence is for stays named: shrinking runs on no other', async () => {
  const of = (requires: Sequence['requires']) => sequenceOf([command('a')], { requires });
  const both = of({ flavour: 'system', commands: { a: [] } });
  expect(await least(both, has('"a"'))).toEqual(of({ flavour: 'system' }));
});

test('the arena becomes plain: disks, layers, iothreads, frontends and sizes go', async () => {
  const arena: Arena = {
    machine: 'none',
    iothreads: ['io0', 'io1'],
    disks: [
      disk('base'),
      disk('src', {
        backing: 'base',
        clusterBytes: 4096,
        frontend: 'nbd',
        iothread: 'io0',
        layers: [{ throttle: { iops: 5 } }, { blkdebug: [{ errno: 'ENOSPC' }] }],
      }),
      disk('dst'),
    ],
  };
  const sequence = sequenceOf([command('bad', { device: { disk: 'src' } })], { arena });
  const usesSrc = both(has('{"disk":"src"}'), has('"name":"src"'));
  expect((await least(sequence, usesSrc)).arena).toEqual({
    disks: [{ name: 'src', format: 'raw', sizeBytes: 65_536 }],
  });
  const withErrors = await least(sequence, both(usesSrc, has('blkdebug'), has('"iothread"')));
  expect(withErrors.arena).toEqual({
    iothreads: ['io0'],
    disks: [{ name: 'src', format: 'raw', sizeBytes: 65_536, iothread: 'io0', layers: [{ blkdebug: [] }] }],
  });
});

test('disks that must be of one size change it together', async () => {
  const sequence = sequenceOf([command('bad')], arenaOf(disk('a'), disk('b')));
  const sameSize = ({ arena: { disks } }: Sequence): boolean =>
    disks.length === 2 && disks[0]?.sizeBytes === disks[1]?.sizeBytes;
  const { arena } = await least(sequence, both(has('bad'), sameSize));
  expect(arena.disks.map(({ sizeBytes }) => sizeBytes)).toEqual([65_536, 65_536]);
});

test('a disk that is only a target is made by the step that wants it', async () => {
  const mirror = command('blockdev-mirror', { device: { disk: 'src' }, target: { disk: 'dst' } });
  const wantsBoth = (sequence: Sequence): boolean =>
    has('"name":"src"')(sequence) &&
    has('"device"')(sequence) &&
    (has('"name":"dst"')(sequence) || has('newDisk')(sequence));
  const left = await least(sequenceOf([mirror], arenaOf(disk('src'), disk('dst'))), wantsBoth);
  expect(left.arena.disks.map(({ name }) => name)).toEqual(['src']);
  expect(left.steps).toEqual([
    command('blockdev-mirror', { device: { disk: 'src' }, target: { newDisk: 'dst' } }),
  ]);
});

test('jobs are called j0, j1 and so on, wherever they are named', async () => {
  const steps = [
    command('a', { 'job-id': 'zeta' }),
    command('b', { 'job-id': 'eta' }),
    command('c', { device: 'eta' }),
    { await: 'READY', job: 'zeta' } as Step,
  ];
  const isWhole = ({ steps: [a, b, c, d] }: Sequence): boolean => {
    const idOf = (step: Step | undefined, key: string): Json | undefined =>
      step && 'qmp' in step ? step.args?.[key] : undefined;
    const named = [idOf(a, 'job-id'), idOf(b, 'job-id')];
    return (
      named.every(Boolean) &&
      named[0] !== named[1] &&
      idOf(c, 'device') === named[1] &&
      d !== undefined &&
      'await' in d &&
      d.job === named[0]
    );
  };
  expect((await least(sequenceOf(steps), isWhole)).steps).toEqual([
    command('a', { 'job-id': 'j0' }),
    command('b', { 'job-id': 'j1' }),
    command('c', { device: 'j1' }),
    { await: 'READY', job: 'j0' },
  ]);
});
