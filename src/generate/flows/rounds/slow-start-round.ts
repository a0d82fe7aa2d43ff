import type { Disk, Fill } from '../../../sequence/arena.ts';
import type { Step } from '../../../sequence/step.ts';
import type { ArenaMaker } from '../../arenas/arena-maker.ts';
import { drawTargetShape } from '../../arenas/disk-shape.ts';
import { guestWorkload } from '../../guest-workload.ts';
import { command, only } from '../../steps/command.ts';
import { verbSteps } from '../../steps/control.ts';
import type { StepMaker } from '../../steps/families.ts';
import { startMirror } from '../../steps/start-mirror.ts';
import type { Flow, Part } from '../flow.ts';
import { writableDisk } from './ready-job.ts';
import { starters, startOne } from './start.ts';
import { toTheEnd } from './to-the-end.ts';

/**
 * A job that takes its time before it copies anything: it asks which parts of its source have data, and the tables that
 * say so are read slowly. Meanwhile the guest writes, the job is paused, cancelled or looked at. Then all goes quickly.
 */
export const slowStartRound: Flow = {
  name: 'slow start round',
  weight: 4,
  arena: (draw, binary) => fragmented(draw, binary),
  parts: (draw) => [
    held('src', 'reads', [30, 60, 120]),
    begun,
    ...Array.from({ length: draw.int(1, 3) }, () => meanwhile).flat(),
    letGo('src'),
    toTheEnd,
  ],
};

/** A target of many gibibytes is filled with zeroes first, 2 GiB at a time and 16 of these at once (mirror_dirty_init). */
export const slowZeroRound: Flow = {
  name: 'slow zero round',
  arena: (draw, binary) => large(draw, binary),
  parts: (draw) => [
    held('dst', 'writes', [10, 20]),
    copied,
    ...Array.from({ length: draw.int(1, 2) }, () => meanwhile).flat(),
    letGo('dst'),
    toTheEnd,
  ],
};

/** A table of 512 bytes for each 32 KiB, and every other cluster of them has data. */
const fragmented: ArenaMaker = (draw) => {
  const sizeBytes = draw.oneOf([2 ** 18, 2 ** 19, 2 ** 20]);
  const clusterBytes = 512;
  const isChain = draw.chance(0.4);
  const base: Disk = { name: 'base', format: draw.oneOf(['qcow2', 'raw']), sizeBytes, fill: 'seeded' };
  return {
    disks: [
      ...(isChain ? [base] : []),
      {
        name: 'src',
        format: 'qcow2',
        sizeBytes,
        clusterBytes,
        fill: everyOther(sizeBytes, draw.oneOf([8192, 16_384])),
        ...(isChain ? { backing: 'base' } : {}),
        frontend: 'nbd',
        layers: [{ throttle: { iops: unheld } }],
      },
      {
        name: 'dst',
        ...drawTargetShape(draw, sizeBytes),
        ...draw.sometimes(0.5, { discard: 'unmap' as const }),
      },
    ],
  };
};

/** Data and none by turns. */
export const everyOther = (sizeBytes: number, bytes: number): Fill => ({
  runs: Array.from({ length: sizeBytes / bytes / 2 }, (_, i): [number, number] => [2 * i * bytes, bytes]),
});

/** With data at both ends and around the piece's end. */
const large: ArenaMaker = (draw) => {
  const sizeBytes = draw.oneOf([34, 36, 40]) * 2 ** 30 + draw.oneOf([0, 65_536, 512]);
  const cluster = 65_536;
  const runs = [0, 2 ** 31 - cluster, 17 * 2 ** 30, sizeBytes - (sizeBytes % cluster || cluster)].map(
    (from): [number, number] => [from, Math.min(cluster, sizeBytes - from)],
  );
  return {
    disks: [
      { name: 'src', format: 'qcow2', sizeBytes, fill: { runs }, frontend: 'nbd' },
      {
        name: 'dst',
        format: draw.oneOf(['qcow2', 'raw']),
        sizeBytes,
        discard: 'unmap',
        layers: [{ throttle: { iops: unheld } }],
      },
    ],
  };
};

/** What nothing is held back by. */
const unheld = 1_000_000;

const held =
  (disk: string, only: 'reads' | 'writes', iops: readonly [number, ...number[]]): Part =>
  (draw) => [{ fault: 'throttle', disk, iops: draw.oneOf(iops), only }];

const letGo =
  (disk: string): Part =>
  (draw, situation) => {
    const [job] = situation.jobs;
    const isPaused = job?.status === 'paused' || job?.status === 'standby';
    const resumed = job && isPaused ? (verbSteps(draw, situation, 'resume', job) ?? []) : [];
    return [{ fault: 'unthrottle', disk }, ...resumed, { await: 'guest' }];
  };

const begun: Part = (draw, situation) => startOne(draw, situation, () => ({}), [startMirror, ...starters]);

/** All of it, so that zeroes come first. */
const copied: Part = (draw, situation) =>
  only(
    command(draw, situation, 'blockdev-mirror', {
      'job-id': 'j0',
      device: { disk: 'src' },
      target: { node: 'dst' },
      sync: 'full',
      ...draw.sometimes(0.3, { 'copy-mode': 'write-blocking' }),
      ...draw.sometimes(0.3, { 'auto-dismiss': false }),
    }),
  );

/** What comes before the first copy; a pause of more than 100 ms is one of the job's own time slices (BLOCK_JOB_SLICE_TIME). */
const meanwhile: readonly Part[] = [
  (draw): Step[] => [{ pause: draw.oneOf([10, 30, 30, 120]) }],
  (draw, situation) => (draw.chance(0.35) ? asked : verb)(draw, situation),
];

const asked: StepMaker = (draw, situation) => {
  const disk = writableDisk(situation);
  if (!disk) return undefined;
  const kind = draw.oneOf(['whole-clusters', 'unaligned', 'one-sector', 'tail'] as const);
  // Nobody waits for them here: their tables are read slowly, too.
  return guestWorkload(draw, kind, { disk: disk.name, sizeBytes: disk.sizeBytes, requests: draw.int(1, 2) })
    .filter((step) => 'guest' in step)
    .map((step) => ({ ...step, wait: false as const }));
};

const verb: StepMaker = (draw, situation) => {
  const [job] = situation.jobs;
  const name = draw.oneOf(['pause', 'pause', 'cancel', 'resume', 'set-speed', 'complete', 'look'] as const);
  if (name === 'look') return only(command(draw, situation, 'query-block-jobs'));
  return job && verbSteps(draw, situation, name, job);
};
