import type { Disk, Fill, Inject } from '../../../sequence/arena.ts';
import type { JsonObject } from '../../../sequence/json-object.ts';
import type { Step } from '../../../sequence/step.ts';
import type { ArenaMaker } from '../../arenas/arena-maker.ts';
import { guestWorkload } from '../../guest-workload.ts';
import { limits } from '../../limits.ts';
import { backingFile } from '../../steps/backing-file.ts';
import { command, only } from '../../steps/command.ts';
import { verbSteps } from '../../steps/control.ts';
import type { StepMaker } from '../../steps/families.ts';
import { canInject } from '../../steps/faults.ts';
import type { Flow, Part } from '../flow.ts';
import { writableDisk } from './ready-job.ts';
import { toTheEnd } from './to-the-end.ts';

/**
 * What lies between the active layer and the base is committed (block/commit.c), with zeroes over data, into a base that
 * may be shorter, or read-only. Something fails on the way, the guest reads through the job's filter; then the rest of the
 * chain is committed, too, or that is given up, and the base is as it was opened.
 */
export const innerCommitRound: Flow = {
  name: 'inner commit round',
  arena: (draw, binary) => threeLayers(draw, binary),
  parts: (draw) => [
    ...(draw.chance(0.6) ? [fails] : []),
    committed('mid1'),
    ...Array.from({ length: draw.int(1, 3) }, () => meanwhile),
    mended,
    toTheEnd,
    look,
    committed(undefined),
    ...(draw.chance(0.4) ? [givenUp] : [toTheEnd]),
    look,
  ],
};

const midFills: [Fill, ...Fill[]] = ['seeded', 'full', { runs: [[0, 65_536]] }];

const threeLayers: ArenaMaker = (draw) => {
  const sizeBytes = draw.oneOf([2 ** 19, 2 ** 20, 2 ** 21]);
  const shorter = draw.chance(0.3) ? 65_536 : 0;
  const small = draw.chance(0.5) ? { clusterBytes: draw.oneOf([512, 4096]) } : {};
  const half = sizeBytes / 2;
  const base: Disk = {
    name: 'base',
    format: draw.oneOf(['qcow2', 'raw']),
    sizeBytes: sizeBytes - shorter,
    fill: 'seeded',
    // Its file's node is read-only, too, so that QEMU can't open it for writing and refuses.
    ...draw.sometimes(0.2, { readOnly: true }),
  };
  return {
    disks: [
      base,
      {
        name: 'mid1',
        format: 'qcow2',
        sizeBytes,
        fill: draw.oneOf(midFills),
        backing: 'base',
        ...small,
        ...draw.sometimes(0.6, { zeroes: [[half, half / 2] as [number, number]] }),
      },
      {
        name: 'src',
        format: 'qcow2',
        sizeBytes,
        fill: draw.oneOf(['empty', 'seeded']),
        backing: 'mid1',
        frontend: 'nbd',
      },
    ],
  };
};

/** Reads of what is committed or of the tables that say where it is, writes of the base. */
const failures: [
  [string, Pick<Inject, 'iotype' | 'event'>],
  ...[string, Pick<Inject, 'iotype' | 'event'>][],
] = [
  ['mid1', { iotype: 'read' }],
  ['mid1', { event: 'l2_load' }],
  ['base', { iotype: 'write' }],
  ['base', { iotype: 'write' }],
  ['base', { iotype: 'write-zeroes' }],
];

const fails: Part = (draw, situation) => {
  const [disk, what] = draw.oneOf(failures);
  if (!canInject(situation, disk)) return undefined;
  const once = draw.chance(0.5) ? { once: true } : {};
  return [{ fault: 'inject', disk, ...what, errno: draw.oneOf(['EIO', 'ENOSPC']), ...once }];
};

const policies: [string | undefined, ...(string | undefined)[]] = [
  undefined,
  'stop',
  'stop',
  'enospc',
  'report',
];

const committed =
  (top: string | undefined): Part =>
  (draw, situation) => {
    if (situation.jobs.length > 0) return undefined;
    const policy = draw.oneOf(policies);
    const args: JsonObject = {
      'job-id': draw.oneOf(['j0', 'j1']),
      device: { disk: 'src' },
      'base-node': 'base',
      ...(top !== undefined && draw.chance(0.6) ? backingFile(draw, situation, 'base') : {}),
      ...(top === undefined ? {} : { 'top-node': top }),
      ...(policy === undefined ? {} : { 'on-error': policy }),
      ...draw.sometimes(top === undefined ? 0 : 0.5, { speed: draw.oneOf([65_536, 262_144]) }),
      ...draw.sometimes(0.2, { 'auto-dismiss': false }),
    };
    return only(command(draw, situation, 'block-commit', args));
  };

const meanwhile: StepMaker = (draw, situation) => {
  const [job] = situation.jobs;
  const disk = writableDisk(situation);
  if (disk && draw.chance(0.6)) {
    const kind = draw.oneOf(['random', 'whole-clusters', 'unaligned', 'multi-cluster'] as const);
    return guestWorkload(draw, kind, {
      disk: disk.name,
      sizeBytes: disk.sizeBytes,
      requests: draw.int(1, 3),
    });
  }
  return job && verbSteps(draw, situation, draw.oneOf(['pause', 'resume', 'set-speed', 'cancel']), job);
};

const mended: Part = (draw, situation) => {
  const [job] = situation.jobs;
  const stands = job?.stopsAtErrors || job?.status === 'paused';
  return [
    ...situation.faulty.map((disk): Step => ({ fault: 'lift', disk })),
    ...(job && stands ? (verbSteps(draw, situation, 'resume', job) ?? []) : []),
    ...(job
      ? (only(command(draw, situation, 'block-job-set-speed', { device: job.id, speed: 0 })) ?? [])
      : []),
  ];
};

const givenUp: Part = (draw, situation) => {
  const [job] = situation.jobs;
  if (!job) return undefined;
  const about = { job: job.id, deadlineMs: limits.finishMirrorDeadlineMs };
  return [
    ...(draw.chance(0.7) ? [{ await: 'READY', ...about } as const] : []),
    ...(only(command(draw, situation, 'block-job-cancel', { device: job.id, force: draw.chance(0.7) })) ??
      []),
    { await: 'gone', ...about },
  ];
};

/** Whether the base may be written to again is seen here. */
const look: Part = (draw, situation) =>
  only(command(draw, situation, 'query-named-block-nodes', { flat: true }));
