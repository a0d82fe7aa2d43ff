import type { JsonObject } from '../../../sequence/json-object.ts';
import type { FaultStep, Step } from '../../../sequence/step.ts';
import type { ArenaMaker } from '../../arenas/arena-maker.ts';
import { drawTargetShape } from '../../arenas/disk-shape.ts';
import { arenaOf, bare, withFilter, withPast } from '../../arenas/filter-stack.ts';
import type { Draw } from '../../draw.ts';
import { guestWorkload } from '../../guest-workload.ts';
import { limits } from '../../limits.ts';
import type { Binary } from '../../situation.ts';
import { command, hasDriver, only } from '../../steps/command.ts';
import { canInject } from '../../steps/faults.ts';
import { exportByNbd, type Flow, living, type Part, send, sometimes, untilReady } from '../flow.ts';

/**
 * What a copy-before-write filter keeps is copied while the guest overwrites, zeroes and discards the disk; the scratch
 * image or the disk fails meanwhile, and each filter has its own word on that. Backups may give up what they have read.
 */
export const snapshotRound: Flow = {
  name: 'snapshot round',
  suits: (binary: Binary) =>
    ['copy-before-write', 'snapshot-access'].every((driver) => hasDriver(binary, driver)),
  arena: (draw, binary) => filtered(draw, binary),
  parts: (draw) => {
    const id = 'kept';
    const [failing, error] = draw.oneOf(errors);
    const fails = draw.chance(0.5);
    const isExported = draw.chance(0.6);
    return [
      ...(isExported ? [exportByNbd('past-src', 'fleeced')] : []),
      ...sometimes(draw, 0.6, asked),
      ...(fails ? [arm(failing, error)] : []),
      ...sometimes(draw, 0.4, asked),
      copied(id),
      asked,
      ...sometimes(draw, 0.4, asked),
      send('query-block-jobs'),
      lifted,
      untilReady(id),
      ended(id),
      ...sometimes(draw, 0.6, asked),
      copied('again'),
      untilReady('again'),
      ended('again'),
      ...(isExported ? [send('block-export-del', { id: 'fleeced', mode: 'hard' })] : []),
      send('blockdev-del', { 'node-name': 'past-src' }),
      ...sometimes(draw, 0.5, asked),
    ];
  },
};

const sizeBytes = 2 ** 20;

const filtered: ArenaMaker = (draw, binary) => {
  const unmaps = draw.chance(0.6) ? ({ discard: 'unmap' } as const) : {};
  const src = {
    name: 'src',
    ...drawTargetShape(draw, sizeBytes),
    fill: draw.oneOf(['full', 'full', 'seeded'] as const),
    frontend: 'nbd',
    ...unmaps,
  } as const;
  const stack = withPast(
    binary,
    withFilter(draw, binary, bare(src), 'copy-before-write'),
    draw.chance(0.6) ? { discard: 'unmap' } : undefined,
  );
  return arenaOf([stack, bare({ name: 'dst', ...drawTargetShape(draw, sizeBytes) })]);
};

const asked: Part = (draw) =>
  guestWorkload(draw, draw.oneOf(['whole-clusters', 'unaligned', 'multi-cluster', 'tail']), {
    disk: 'src',
    sizeBytes,
    requests: draw.int(1, 3),
  });

const errors: [[string, 'read' | 'write'], ...[string, 'read' | 'write'][]] = [
  ['old-src', 'write'],
  ['old-src', 'write'],
  ['old-src', 'read'],
  ['src', 'read'],
];

const arm =
  (disk: string, iotype: 'read' | 'write'): Part =>
  (draw, situation) => {
    if (!canInject(situation, disk)) return undefined;
    const step: FaultStep = { fault: 'inject', disk, iotype, errno: draw.oneOf(['EIO', 'ENOSPC']) };
    return [draw.chance(0.6) ? { ...step, once: true } : step];
  };

const lifted: Part = (_, { faulty }) => faulty.map((disk): Step => ({ fault: 'lift', disk }));

/** Held back, so that the guest meets it half way. */
const copied =
  (id: string): Part =>
  (draw, situation) => {
    const args = {
      'job-id': id,
      device: 'past-src',
      target: { node: 'dst' },
      sync: 'full',
      ...draw.sometimes(0.5, { speed: draw.oneOf(limits.slowSpeeds) }),
    };
    if (situation.jobs.length > 0) return undefined;
    return draw.chance(0.3)
      ? only(command(draw, situation, 'blockdev-mirror', { ...args, ...slowly(draw, args) }))
      : only(
          command(draw, situation, 'blockdev-backup', {
            ...args,
            ...draw.sometimes(0.5, { 'discard-source': true }),
            ...draw.sometimes(0.3, { 'x-perf': { 'max-workers': draw.oneOf([1, 4]), 'max-chunk': 65_536 } }),
          }),
        );
  };

const slowly = (draw: Draw, args: JsonObject): JsonObject =>
  args.speed === undefined ? {} : { 'buf-size': draw.oneOf(limits.slowBufBytes) };

const ended =
  (id: string): Part =>
  (draw, situation) => {
    const job = living(situation, id);
    if (!job) return undefined;
    const cancel = job.becomesReady
      ? (only(command(draw, situation, 'block-job-cancel', { device: id })) ?? [])
      : [];
    return [...cancel, { await: 'gone', job: id, deadlineMs: limits.finishMirrorDeadlineMs }];
  };
