import { expect, test } from 'vitest';
import type { Disk } from '../../../src/sequence/arena.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
import type { QmpStep, Step } from '../../../src/sequence/step.ts';
import type { Known } from '../../../src/shrink/pass.ts';
import { byReadability, doubts } from '../../../src/shrink/readable/doubts.ts';
import { readablePasses } from '../../../src/shrink/readable/passes.ts';
import { shrink } from '../../../src/shrink/shrink.ts';
import { command, fakeRuns, sequenceOf } from '../fake-runs.ts';

/** What a reader is shown of a sequence, of which only that matters. */
async function readable(
  sequence: Sequence,
  breaks: (sequence: Sequence) => boolean,
  known: Known = {},
): Promise<Sequence> {
  const closing = (known.closing ?? []).map(({ qmp }) => qmp);
  const plan = { ...fakeRuns({ breaks }).plan, passes: readablePasses, order: byReadability(closing), known };
  return (await shrink(sequence, plan)).sequence;
}

const text = (sequence: Sequence): string => JSON.stringify(sequence);
const has =
  (...parts: (string | RegExp)[]) =>
  (sequence: Sequence): boolean =>
    parts.every((part) =>
      typeof part === 'string' ? text(sequence).includes(part) : part.test(text(sequence)),
    );
const disk = (name: string, rest: Partial<Disk> = {}): Disk => ({
  name,
  format: 'qcow2',
  sizeBytes: 65_536,
  ...rest,
});
const withDisks = (steps: Step[], ...disks: Disk[]): Sequence => sequenceOf(steps, { arena: { disks } });

test('the command of the teardown that showed it becomes a step', async () => {
  const del: QmpStep = { qmp: 'blockdev-del', args: { 'node-name': 'src' } };
  const closing = [{ qmp: 'block-job-set-speed', args: { device: 'j0', speed: 0 } }, del];
  const { steps } = await readable(withDisks([command('reopen')], disk('src')), has('"reopen"'), { closing });
  expect(steps.map((step) => ('qmp' in step ? step.qmp : 'await' in step && step.await))).toEqual([
    'reopen',
    'exit',
  ]);
  const needs = (sequence: Sequence): boolean =>
    has('"reopen"')(sequence) &&
    !has('"exit"')(sequence) &&
    (!has('set-speed')(sequence) || has('blockdev-del')(sequence));
  const shown = await readable(withDisks([command('reopen')], disk('src')), needs, { closing });
  expect(shown.steps.map((step) => 'qmp' in step && step.qmp)).toEqual(['reopen', 'blockdev-del']);
});

test('a completion waits for READY, though that is a step more', async () => {
  const mirror = command('blockdev-mirror', { device: 'src', 'job-id': 'j0', sync: 'full', target: 'dst' });
  const complete = command('job-complete', { id: '#0' });
  const { steps } = await readable(withDisks([mirror, complete]), has('blockdev-mirror', 'job-complete'));
  expect(steps.map((step) => Object.keys(step)[0])).toEqual(['qmp', 'await', 'qmp']);
  expect(steps[1]).toMatchObject({ await: 'READY' });
});

const inject: Step = { fault: 'inject', disk: 'src', errno: 'EIO' };

test.each([
  [
    'a node that is reopened as it is',
    has('blockdev-reopen', '"file":"src-file"', '"node-name":"src"'),
    /"blockdev-reopen".*"node-name":"src"/,
  ],
  ['a server that is killed', has('"killed"', '"nbd"'), /"fault":"server".*"is":"killed"/],
  ['a full file system', has('"fill"'), /"fault":"fill"/],
])('an injected error becomes %s, where that shows it too', async (_what, other, wanted) => {
  const breaks = (sequence: Sequence): boolean => has('"inject"')(sequence) || other(sequence);
  const shown = await readable(withDisks([inject], disk('src')), breaks);
  expect(text(shown)).toMatch(wanted);
  expect(text(shown)).not.toContain('inject');
});

test('where nothing else shows it, an injected error becomes the commands that inject it', async () => {
  const sent = new Map([
    [
      JSON.stringify(inject),
      [
        { qmp: 'blockdev-add', args: { driver: 'blkdebug', 'node-name': 'src-fault', image: 'src-file' } },
        { qmp: 'blockdev-reopen', args: { options: [{ 'node-name': 'src', file: 'src-fault' }] } },
      ],
    ],
  ]);
  const breaks = (sequence: Sequence): boolean =>
    has('"inject"')(sequence) || has('blkdebug', 'src-fault')(sequence);
  const { steps } = await readable(withDisks([inject], disk('src')), breaks, { sent });
  expect(steps).toMatchObject([{ qmp: 'blockdev-add' }]);
});

test('one disk does for two', async () => {
  const step = command('blockdev-reopen', { options: [{ 'node-name': 'src', file: 'dst-file' }] });
  const breaks = has(/"name":"(src|dst)".*"node-name":"(src|dst)"/, /"file":"(src|dst)-file"/);
  const needsItsFile = (sequence: Sequence): boolean =>
    breaks(sequence) && (text(sequence).match(/"name":"|"-file"/g) ?? []).length > 0;
  const shown = await readable(withDisks([step], disk('src'), disk('dst')), needsItsFile);
  expect(shown.arena.disks.map(({ name }) => name)).toEqual(['dst']);
  expect(text(shown)).toMatch(/"node-name":"dst","file":"dst-file"/);
});

test('odd figures become usual ones, two that hang together at once', async () => {
  const mirror = command('drive-mirror', { 'buf-size': 1, granularity: 512, 'job-id': 'j0', sync: 'none' });
  const breaks = has(/"buf-size":(1|262144),"granularity":(512|4096),/);
  const onlyPairs = (sequence: Sequence): boolean =>
    breaks(sequence) && !has('"buf-size":1,"granularity":4096')(sequence);
  const both = (sequence: Sequence): boolean =>
    onlyPairs(sequence) && !has('262144,"granularity":512')(sequence);
  const { steps } = await readable(withDisks([mirror]), both);
  expect(steps[0]).toMatchObject({ args: { 'buf-size': 262_144, granularity: 4096 } });
});

test('jobs have ids of their own', async () => {
  const action = () => ({ type: 'blockdev-backup', data: { device: 'src', sync: 'full', target: 'dst' } });
  const transaction = command('transaction', { actions: [action(), action()] });
  const { steps } = await readable(
    withDisks([transaction]),
    has(/("data":\{[^}]*"device":"src"[^}]*"sync":"full"[^}]*\}.*){2}/),
  );
  expect(text(withDisks(steps))).toMatch(/"job-id":"j0".*"job-id":"j1"/);
});

test('what nobody has in production, odd values and races are what a reader doubts', () => {
  const layered = (layer: NonNullable<Disk['layers']>[number]) =>
    withDisks([], disk('src', { layers: [layer] }));
  expect(doubts(withDisks([inject]))).toBeGreaterThan(doubts(layered({ blkdebug: [] })));
  expect(doubts(layered({ throttle: { iops: 5 } }))).toBeGreaterThan(doubts(layered({ throttle: {} })) - 1);
  expect(doubts(withDisks([{ fault: 'server', disk: 'src', is: 'killed' }]))).toBe(0);
  expect(doubts(withDisks([{ guest: 'read', disk: 'src', via: 'hmp' }]))).toBe(1);
  expect(doubts(withDisks([{ guest: 'write', disk: 'src', offsetBytes: 946 }]))).toBe(1);
  expect(doubts(withDisks([command('a')]), ['blockdev-del'])).toBe(2);
  expect(doubts(withDisks([command('blockdev-del')]), ['blockdev-del'])).toBe(0);
});
