import { describe, expect, test } from 'vitest';
import allOrNothing from '../../../properties/all-or-nothing.ts';
import argumentLimits from '../../../properties/argument-limits.ts';
import humanMonitor from '../../../properties/human-monitor.ts';
import innerCommits from '../../../properties/inner-commits.ts';
import keptSnapshots from '../../../properties/kept-snapshots.ts';
import lateErrors from '../../../properties/late-errors.ts';
import manyPieces from '../../../properties/many-pieces.ts';
import oddEnds from '../../../properties/odd-ends.ts';
import oneError from '../../../properties/one-error.ts';
import oneGroup from '../../../properties/one-group.ts';
import oneRequest from '../../../properties/one-request.ts';
import slowStarts from '../../../properties/slow-starts.ts';
import unfit from '../../../properties/unfit.ts';
import verbsByStatus from '../../../properties/verbs-by-status.ts';
import { drawFrom } from '../../../src/generate/draw.ts';
import { generateSequence } from '../../../src/generate/generate-sequence.ts';
import { limits } from '../../../src/generate/limits.ts';
import type { Property } from '../../../src/generate/property.ts';
import { cardOf } from '../../../src/qemu/cards.ts';
import { conflictIn } from '../../../src/qemu/conflict.ts';
import { isCoherent } from '../../../src/sequence/coherent.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
import type { QmpStep, Step } from '../../../src/sequence/step.ts';
import { binaries, binaryOf } from '../binaries.ts';

const rounds = [
  allOrNothing,
  argumentLimits,
  humanMonitor,
  innerCommits,
  keptSnapshots,
  lateErrors,
  manyPieces,
  oddEnds,
  oneError,
  oneGroup,
  oneRequest,
  slowStarts,
  unfit,
  verbsByStatus,
];

const drawn = (property: Property, count: number, binary = binaryOf('10.0')): Sequence[] =>
  Array.from({ length: count }, (_, i) => generateSequence(property, binary, drawFrom(`round ${i}`)));

const startsJobs = ({ qmp }: QmpStep): boolean => cardOf(qmp)?.job !== undefined || qmp === 'transaction';

const commands = ({ steps }: Sequence) => steps.flatMap((step) => ('qmp' in step ? [step] : []));

describe.each(binaries.map((binary) => [`${binary.version} ${binary.flavour}`, binary] as const))(
  '%s',
  (_, binary) => {
    const able = rounds.filter(({ flows = [] }) => flows.some(({ suits }) => suits?.(binary) ?? true));
    test.each(able.map((round) => [round.name, round] as const))(
      '%s: short, coherent, with a job',
      (_, round) => {
        const sequences = drawn(round, 15, binary);
        expect(sequences.filter((sequence) => !isCoherent(sequence))).toEqual([]);
        expect(sequences.every(({ steps }) => steps.length <= limits.maxSteps)).toBe(true);
        const starts = sequences.filter((each) => commands(each).some(startsJobs));
        expect(starts.length).toBeGreaterThan(12);
      },
    );
  },
);

test('few rounds hold a negative buf-size, a granularity of 128 MiB, an unknown node and each conflict', () => {
  const sent = drawn(argumentLimits, 40).flatMap(commands);
  const has = (member: string, value: unknown): boolean => sent.some(({ args }) => args?.[member] === value);
  expect([has('buf-size', -1), has('granularity', 2 ** 27), has('target', 'nowhere')]).toEqual([
    true,
    true,
    true,
  ]);
  const cards = ['block-stream', 'block-commit', 'drive-mirror', 'blockdev-backup', 'drive-backup'];
  const missing = cards.flatMap((name) => {
    const conflicts = cardOf(name)?.conflicts ?? [];
    const met = sent.filter(({ qmp }) => qmp === name).map(({ args = {} }) => conflictIn(args, conflicts));
    return conflicts
      .filter((each) => !met.includes(each))
      .map(({ given }) => `${name} ${Object.keys(given)}`);
  });
  expect(missing).toEqual([]);
});

test('and nodes that are there, but not in the chain', () => {
  const sent = drawn(argumentLimits, 40).flatMap(commands);
  const named = (name: string, member: string): unknown[] =>
    sent.filter(({ qmp }) => qmp === name).map(({ args }) => args?.[member]);
  expect(named('block-commit', 'base-node')).toContainEqual({ node: 'dst' });
  expect(named('block-stream', 'bottom')).toContainEqual({ node: 'dst' });
  expect(named('blockdev-backup', 'target')).toContainEqual({ node: 'src' });
});

test('policies differ, and errors come on either side', () => {
  const sequences = drawn(oneError, 60);
  const starts = sequences.flatMap(commands).filter(({ args }) => args?.['on-source-error'] !== undefined);
  expect(starts.length).toBeGreaterThan(20);
  expect(starts.every(({ args }) => args?.['on-source-error'] !== args?.['on-target-error'])).toBe(true);
  const injected = sequences.flatMap(({ steps }) =>
    steps.flatMap((step) => ('fault' in step && 'iotype' in step ? [`${step.disk} ${step.iotype}`] : [])),
  );
  expect(injected).toEqual(expect.arrayContaining(['src read', 'dst write', 'dst write-zeroes']));
});

test('errors come where the job reads or writes: below what is streamed, on what is committed into', () => {
  const met = drawn(oneError, 150).flatMap(({ steps }) =>
    steps.flatMap((step, i) => {
      const next = steps[i + 1];
      return 'fault' in step && 'iotype' in step && next && 'qmp' in next
        ? [`${next.qmp}: ${step.disk} ${step.iotype}`]
        : [];
    }),
  );
  expect(met).toEqual(
    expect.arrayContaining([
      'block-stream: base read',
      'block-commit: mid1 read',
      'block-commit: base write',
    ]),
  );
});

test('most errors come where a job copies something: no empty source, nothing that waits for a guest', () => {
  const idle = drawn(oneError, 60).flatMap(({ arena, steps }) => {
    const isEmpty = (disk: string): boolean =>
      arena.disks.some(({ name, fill = 'empty' }) => name === disk && fill === 'empty');
    return steps.flatMap((step, i): boolean[] => {
      const before = steps[i - 1];
      if (!('qmp' in step) || !startsJobs(step) || !before || !('fault' in before)) return [];
      const meetsNothing =
        'iotype' in before && before.iotype === 'read' && 'disk' in before && isEmpty(before.disk);
      return [step.args?.sync === 'none' || meetsNothing];
    });
  });
  expect(idle.length).toBeGreaterThan(100);
  expect(idle.filter(Boolean).length).toBeLessThan(idle.length / 12);
});

test('layers end elsewhere than a cluster does, and what lies on them does not hide their end', () => {
  const chains = drawn(oddEnds, 40).map(({ arena: { disks } }) => disks);
  const odd = chains.flat().filter(({ sizeBytes }) => sizeBytes % 65_536 !== 0);
  expect(odd.length).toBeGreaterThan(0.9 * chains.flat().length);
  expect(chains.some((disks) => disks[0]?.sizeBytes !== disks[1]?.sizeBytes)).toBe(true);
  const tops = chains.flatMap((disks) => disks.filter(({ name }) => name === 'src'));
  expect(tops.filter(({ fill }) => fill === 'empty').length).toBeGreaterThan(10);
});

test('of a group some are finalized by hand and some are not', () => {
  const groups = drawn(oneGroup, 20).flatMap(commands);
  const mixed = groups.filter(({ args }) => {
    const text = JSON.stringify(args ?? {});
    return text.includes('"auto-finalize":true') && text.includes('"auto-finalize":false');
  });
  expect(mixed.length).toBeGreaterThan(5);
});

test('after what was refused a sound job begins', () => {
  const last = drawn(argumentLimits, 10).map((sequence) =>
    commands(sequence).findLast(({ qmp }) => cardOf(qmp)?.job),
  );
  expect(last.every((step) => step?.args?.speed === 0)).toBe(true);
});

test('each manner of request meets each kind of job', () => {
  const met = new Set(
    drawn(oneRequest, 250).flatMap((sequence) => {
      const [start] = commands(sequence);
      const asked = sequence.steps.find((step) => 'guest' in step);
      const job = cardOf(start?.qmp ?? '')?.job?.type;
      return asked && 'guest' in asked ? [`${job} ${start?.args?.['copy-mode'] ?? ''} ${asked.guest}`] : [];
    }),
  );
  for (const request of ['write', 'zero', 'discard'])
    for (const job of ['mirror background', 'mirror write-blocking', 'backup ', 'commit ', 'stream '])
      expect(met).toContain(`${job} ${request}`);
});

test('every status is come to, and looked at', () => {
  const awaited = drawn(verbsByStatus, 60).flatMap(({ steps }) =>
    steps.flatMap((step) => ('await' in step && typeof step.await === 'string' ? [step.await] : [])),
  );
  expect(new Set(awaited)).toEqual(new Set(['READY', 'paused', 'standby', 'pending', 'concluded', 'gone']));
});

const lines = (sequences: readonly Sequence[]): string[] =>
  sequences.flatMap(commands).flatMap(({ args }) => {
    const line = args?.['command-line'];
    return typeof line === 'string' ? [line] : [];
  });

test('the human monitor commits all overlays, one drive and none; beside a job, and over bases that fail', () => {
  const sequences = drawn(humanMonitor, 60).filter((each) =>
    lines([each]).some((line) => /^commit/.test(line)),
  );
  expect(new Set(lines(sequences))).toEqual(new Set(['commit all', 'commit drive-src', 'commit nowhere']));
  const firsts = sequences.map(({ steps }) => {
    const at = steps.findIndex((step) => 'qmp' in step && step.qmp === 'human-monitor-command');
    return steps.slice(0, at);
  });
  const isStart = (step: Step): boolean => 'qmp' in step && cardOf(step.qmp)?.job !== undefined;
  expect(firsts.some((steps) => steps.some(isStart))).toBe(true);
  expect(firsts.some((steps) => steps.some((step) => 'fault' in step))).toBe(true);
});

test('few rounds try each kind of option of a drive', () => {
  const added = lines(drawn(humanMonitor, 40)).filter((line) => line.startsWith('drive_add'));
  const tried = (option: RegExp): boolean => added.some((line) => option.test(line));
  const options = [
    'cache',
    'media',
    'werror',
    'rerror',
    'aio',
    'snapshot',
    'stats-intervals.0',
    'bps',
    'index',
  ];
  expect(options.filter((option) => !tried(new RegExp(`,${option}=`)))).toEqual([]);
  const withoutMedium = /"id=hd\d,if=none/;
  expect([/if=virtio/, /=nowhere/, withoutMedium].filter((each) => !tried(each))).toEqual([]);
});

test('each kind of action is in transactions that are undone, and in others', () => {
  const actions = drawn(allOrNothing, 40)
    .flatMap(commands)
    .flatMap(({ args }) => {
      const list = args?.actions as { type: string }[] | undefined;
      return list ? [list.map(({ type }) => type)] : [];
    });
  const undone = actions.filter((types) => types.includes('abort')).flat();
  const whole = actions.filter((types) => !types.includes('abort')).flat();
  const bitmaps = ['add', 'clear', 'enable', 'disable', 'merge', 'remove'].map(
    (verb) => `block-dirty-bitmap-${verb}`,
  );
  for (const kind of [...bitmaps, 'blockdev-snapshot-internal-sync', 'blockdev-backup']) {
    expect(undone).toContain(kind);
    expect(whole).toContain(kind);
  }
});

test('kept snapshots: discards and errors come while a backup reads, and some give up what they have read', () => {
  const sequences = drawn(keptSnapshots, 60);
  const backups = sequences.flatMap(commands).filter(({ qmp }) => qmp === 'blockdev-backup');
  expect(new Set(backups.map(({ args }) => args?.['discard-source']))).toEqual(new Set([true, undefined]));
  const filters = sequences.flatMap(({ arena: { nodes = [] } }) => nodes).filter((node) => 'target' in node);
  expect(new Set(filters.map((node) => node['on-cbw-error']))).toEqual(
    new Set([undefined, 'break-guest-write', 'break-snapshot']),
  );
  const failing = sequences.flatMap(({ steps }) =>
    steps.flatMap((step) => ('fault' in step && 'iotype' in step ? [`${step.disk} ${step.iotype}`] : [])),
  );
  expect(new Set(failing)).toEqual(new Set(['old-src write', 'old-src read', 'src read']));
});

test('late errors: each kind of request fails after READY, in both copy modes', () => {
  const met = drawn(lateErrors, 120).flatMap(({ steps }) => {
    const readyAt = steps.findIndex((step) => 'await' in step && step.await === 'READY');
    const armedAt = steps.findIndex((step) => 'fault' in step && step.fault === 'inject');
    const [start, armed] = [steps[0], steps[armedAt]];
    if (!start || !('qmp' in start) || !armed || !('iotype' in armed)) return [];
    expect(armedAt).toBeGreaterThan(readyAt);
    return [`${start.args?.['copy-mode'] ?? 'background'} ${armed.iotype}`];
  });
  for (const mode of ['background', 'write-blocking'])
    for (const iotype of ['write', 'write-zeroes', 'discard', 'flush', 'read'])
      expect(met).toContain(`${mode} ${iotype}`);
});

test('a slow start: the disk is held before the job begins, and let go after verbs and requests have met it', () => {
  const sequences = drawn(slowStarts, 40);
  const words = ({ steps }: Sequence): string =>
    steps
      .map((step) => ('fault' in step ? step.fault : 'qmp' in step ? step.qmp : Object.keys(step)[0]))
      .join(' ');
  const shown = (pattern: RegExp): number => sequences.filter((each) => pattern.test(words(each))).length;
  const start = /^throttle (blockdev-(mirror|backup)|drive-mirror|drive-backup|block-(stream|commit)) pause /;
  expect(shown(start)).toBe(40);
  expect(shown(/pause (block-)?job-(pause|cancel) .*unthrottle/)).toBeGreaterThan(8);
  expect(shown(/pause guest .*unthrottle/)).toBeGreaterThan(8);
  const sizes = sequences.flatMap(({ arena: { disks } }) => disks.map(({ sizeBytes }) => sizeBytes));
  expect(sizes.some((sizeBytes) => sizeBytes > 32 * 2 ** 30)).toBe(true);
});

test('of what a job can not begin or end with each kind is drawn, and a job follows it', () => {
  const sequences = drawn(unfit, 120);
  const sent = sequences.flatMap(commands);
  const args = (name: string): Record<string, unknown>[] =>
    sent.filter(({ qmp }) => qmp === name).map((step) => step.args ?? {});
  const mirrors = args('blockdev-mirror');
  expect(mirrors.some((each) => Number(each['buf-size']) >= 2 ** 47)).toBe(true);
  expect(mirrors.some(({ target }) => target === 'filter')).toBe(true);
  expect(mirrors.some(({ replaces }) => replaces === 'vote1')).toBe(true);
  expect(args('block-commit').some((each) => each['filter-node-name'] !== undefined)).toBe(true);
  expect(
    args('drive-mirror').some(({ mode, granularity }) => mode === 'existing' && granularity === 4096),
  ).toBe(true);
  expect(args('x-blockdev-change')).not.toEqual([]);
  expect(mirrors.some(({ device }) => device === 'void')).toBe(true);
  const formats = sequences.flatMap(({ arena: { disks } }) => disks.map(({ format }) => format));
  expect(formats).toEqual(expect.arrayContaining(['vdi', 'vmdk']));
  const sizes = sequences.filter(
    ({ arena: { disks } }) => new Set(disks.map((disk) => disk.sizeBytes)).size > 1,
  );
  expect(sizes.length).toBeGreaterThan(3);
});

test('a source in many pieces has more of them than a mirror has requests in flight, and one of these fails', () => {
  const sequences = drawn(manyPieces, 30);
  const pieces = sequences.map(({ arena: { disks } }) => {
    const { fill } = disks.find(({ name }) => name === 'src') ?? {};
    return typeof fill === 'object' ? fill.runs.length : 0;
  });
  expect(Math.min(...pieces)).toBeGreaterThanOrEqual(16);
  const failing = sequences.filter(({ steps }) =>
    steps.some((step) => 'nth' in step && Number(step.nth) > 1),
  );
  expect(failing.length).toBeGreaterThan(5);
});

test('an inner commit over zeroes, into a base that is read-only, and something fails', () => {
  const sequences = drawn(innerCommits, 40);
  const inner = sequences.filter((each) =>
    commands(each).some(({ qmp, args }) => qmp === 'block-commit' && args?.['top-node'] === 'mid1'),
  );
  expect(inner.length).toBe(40);
  const disk = (name: string, { arena }: Sequence) => arena.disks.find((each) => each.name === name);
  expect(inner.filter((each) => disk('base', each)?.readOnly).length).toBeGreaterThan(2);
  expect(inner.filter((each) => disk('mid1', each)?.zeroes !== undefined).length).toBeGreaterThan(8);
  const failing = inner.filter(({ steps }) =>
    steps.some((step) => 'fault' in step && step.fault === 'inject'),
  );
  expect(failing.length).toBeGreaterThan(8);
});
