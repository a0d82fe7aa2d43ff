import type { ArenaNode, Disk } from '../../../sequence/arena.ts';
import type { Step } from '../../../sequence/step.ts';
import type { ArenaMaker } from '../../arenas/arena-maker.ts';
import { limits } from '../../limits.ts';
import { command, hasDriver, offers, only } from '../../steps/command.ts';
import type { Flow, Part } from '../flow.ts';
import { guestAsks, untilJobReady } from './ready-job.ts';
import { toTheEnd } from './to-the-end.ts';

const mebibyte = 2 ** 20;
const id = 'j0';

/**
 * A mirror whose target is to take the place of one node below the source. By the time of `complete` that node is gone,
 * or somebody else uses it: QEMU refuses, or the job fails at its end, and the source stays as it was.
 */
const replacedInQuorum: Flow = {
  name: 'replaced node of a quorum',
  suits: (binary) => hasDriver(binary, 'quorum') && offers({ binary }, 'x-blockdev-change'),
  arena: () => ({ disks: [empty('src'), empty('vote0'), empty('vote1'), empty('dst')], nodes: [quorum] }),
  parts: (draw) => [
    started('votes', 'vote1'),
    untilJobReady,
    ...draw.oneOf<Part[]>([
      [outOfTheQuorum, deleted('vote1')],
      [outOfTheQuorum],
      [readBy('vote1')],
      [readBy('vote1')],
      [],
    ]),
    ended,
    toTheEnd,
  ],
};

const empty = (name: string): Disk => ({ name, format: 'qcow2', sizeBytes: mebibyte });
const quorum: ArenaNode = {
  driver: 'quorum',
  'node-name': 'votes',
  'vote-threshold': 1,
  children: ['src', 'vote0', 'vote1'],
};

const outOfTheQuorum: Part = (draw, situation) =>
  only(command(draw, situation, 'x-blockdev-change', { parent: 'votes', child: 'children.2' }));

/** The same with a filter, which is given another node to stand on. */
const replacedBelowFilter: Flow = {
  name: 'replaced node below a filter',
  suits: (binary) => offers({ binary }, 'blockdev-reopen'),
  arena: () => ({
    disks: [{ ...empty('src'), fill: 'seeded' }, { ...empty('other'), fill: 'seeded' }, empty('dst')],
    throttleGroups: ['group0'],
    nodes: [filter],
  }),
  parts: (draw) => [
    started('filter', 'src'),
    untilJobReady,
    ...draw.oneOf<Part[]>([[onAnother, deleted('src')], [onAnother], [readBy('src')], []]),
    ended,
    toTheEnd,
  ],
};

const filter: ArenaNode = {
  driver: 'throttle',
  'node-name': 'filter',
  'throttle-group': 'group0',
  file: 'src',
};

const onAnother: Part = (draw, situation) =>
  only(command(draw, situation, 'blockdev-reopen', { options: [{ ...filter, file: 'other' }] }));

const started =
  (device: string, replaces: string): Part =>
  (draw, situation) =>
    only(
      command(draw, situation, 'blockdev-mirror', {
        'job-id': id,
        device,
        target: { node: 'dst' },
        sync: 'full',
        replaces,
        ...draw.sometimes(0.3, { 'copy-mode': 'write-blocking' }),
        ...draw.sometimes(0.3, { 'auto-dismiss': false }),
      }),
    );

const deleted =
  (node: string): Part =>
  (draw, situation) =>
    only(command(draw, situation, 'blockdev-del', { 'node-name': node }));

const readBy =
  (file: string): Part =>
  (draw, situation) =>
    only(
      command(draw, situation, 'blockdev-add', {
        driver: 'raw',
        'node-name': 'reader',
        file,
        'read-only': true,
      }),
    );

/** Where complete is refused, the job is still there: it is asked once more, and cancelled. */
const ended: Part = (draw, situation) => {
  const complete = only(command(draw, situation, 'block-job-complete', { device: id })) ?? [];
  const gone: Step = { await: 'gone', job: id, deadlineMs: draw.oneOf(limits.shortDeadlineMs) };
  return [...complete, gone, ...(only(command(draw, situation, 'block-job-cancel', { device: id })) ?? [])];
};

/**
 * drive-mirror opens its target without what lies below it, copies around the clusters that it writes parts of, and gives
 * it its backing file in the end: by the name in its header, or the source's own. Which may be locked by then, or another.
 */
const backingAtTheEnd: Flow = {
  name: 'backing file at the end',
  weight: 2,
  arena: (draw, binary) => overBacking(draw, binary),
  parts: (draw) => [
    driveMirror,
    ...(draw.chance(0.6) ? [asked] : []),
    untilJobReady,
    ...(draw.chance(0.5) ? [asked] : []),
    ...(draw.chance(0.25) ? [withoutBase, deleted('base')] : []),
    toTheEnd,
  ],
};

/** A base that is open for writing can't be opened once more. */
const overBacking: ArenaMaker = (draw) => {
  const sizeBytes = draw.oneOf([mebibyte, mebibyte, 4 * mebibyte]);
  const clusterBytes = draw.oneOf([undefined, undefined, 4096, 2 * mebibyte]);
  return {
    disks: [
      {
        name: 'base',
        format: draw.oneOf(['qcow2', 'raw']),
        sizeBytes,
        fill: 'seeded',
        ...draw.sometimes(0.6, { readOnly: true }),
      },
      {
        name: 'src',
        format: 'qcow2',
        sizeBytes,
        fill: draw.oneOf(['seeded', 'seeded', 'empty']),
        backing: 'base',
        frontend: 'nbd',
        ...draw.sometimes(0.3, { clusterBytes: 4096 }),
      },
      {
        name: 'dst',
        format: 'qcow2',
        sizeBytes,
        backing: 'base',
        open: false,
        ...(clusterBytes === undefined ? {} : { clusterBytes }),
      },
    ],
  };
};

/** By pieces of a sector now and then: with clusters of 64 KiB and more that is what copies around them. */
const driveMirror: Part = (draw, situation) => {
  const existing = draw.chance(0.6);
  const target = existing
    ? { target: { path: 'dst' }, mode: 'existing', format: 'qcow2' }
    : { target: { newFile: 'made.qcow2' }, format: 'qcow2' };
  return only(
    command(draw, situation, 'drive-mirror', {
      'job-id': id,
      device: { disk: 'src' },
      // Whatever its header names is what an existing image then stands on: the source's own base is right for these.
      sync: draw.oneOf(existing ? ['top', 'top', 'full'] : ['top', 'top', 'none']),
      ...target,
      ...draw.sometimes(0.7, { granularity: draw.oneOf([512, 4096, 4096, 4096, 16_384, 16_384]) }),
      ...draw.sometimes(0.3, { 'buf-size': draw.oneOf([4096, 65_536, 131_072]) }),
      ...draw.sometimes(0.3, { 'copy-mode': 'write-blocking' }),
      ...draw.sometimes(0.2, { unmap: false }),
    }),
  );
};

const asked = guestAsks(['unaligned', 'one-sector', 'multi-cluster', 'sequential', 'tail'], [1, 3]);

/** From then on the source stands alone, and nothing but the mirror knows its base. */
const withoutBase: Part = (draw, situation) => {
  if (situation.nodes.every(({ name }) => name !== 'base')) return undefined;
  const options = { driver: 'qcow2', 'node-name': 'src', file: 'src-file', backing: null };
  return only(command(draw, situation, 'blockdev-reopen', { options: [options] }));
};

export const unfitEndRounds: readonly Flow[] = [replacedInQuorum, replacedBelowFilter, backingAtTheEnd];
