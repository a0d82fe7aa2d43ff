import type { JsonObject } from '../../../sequence/json-object.ts';
import type { Step } from '../../../sequence/step.ts';
import type { ArenaMaker } from '../../arenas/arena-maker.ts';
import { drawTargetShape } from '../../arenas/disk-shape.ts';
import type { Draw } from '../../draw.ts';
import { limits } from '../../limits.ts';
import { command, only } from '../../steps/command.ts';
import { verbSteps } from '../../steps/control.ts';
import { canInject } from '../../steps/faults.ts';
import { startMirror } from '../../steps/start-mirror.ts';
import type { Flow, Part } from '../flow.ts';
import { guestAsks } from './ready-job.ts';
import { everyOther } from './slow-start-round.ts';
import { starters, startOne } from './start.ts';
import { toTheEnd } from './to-the-end.ts';

/**
 * A source in so many pieces, data and none by turns, that a job has all its requests in flight at once and others wait
 * for a place. Half way the guest fills gaps right before and behind the place that is copied, or one of the many fails.
 */
export const piecesRound: Flow = {
  name: 'pieces round',
  arena: (draw, binary) => pieces(draw, binary),
  parts: (draw) =>
    draw.chance(0.5)
      ? [
          begun(({ oneOf }) => ({ speed: oneOf([65_536, 262_144]), 'buf-size': oneOf(limits.slowBufBytes) })),
          (inner): Step[] => [{ pause: inner.oneOf([10, 30]) }],
          asked,
          letGo,
          ...(draw.chance(0.3) ? [asked] : []),
          toTheEnd,
        ]
      : [fails, begun(() => ({})), ...(draw.chance(0.5) ? [asked] : []), mended, toTheEnd],
};

const pieces: ArenaMaker = (draw) => {
  const sizeBytes = draw.oneOf([2 ** 19, 2 ** 20, 2 ** 20]);
  const clusterBytes = draw.oneOf([512, 4096]);
  return {
    disks: [
      {
        name: 'src',
        format: 'qcow2',
        sizeBytes,
        clusterBytes,
        fill: everyOther(sizeBytes, draw.oneOf([4096, 8192, 16_384])),
        frontend: 'nbd',
      },
      {
        name: 'dst',
        ...drawTargetShape(draw, sizeBytes),
        fill: draw.oneOf(['empty', 'full']),
        ...draw.sometimes(0.6, { discard: 'unmap' as const }),
      },
    ],
  };
};

/** By pieces as small as those of the source, or a few of them. */
const begun =
  (more: (draw: Draw) => JsonObject): Part =>
  (draw, situation) =>
    startOne(
      draw,
      situation,
      (inner, name) => ({
        ...more(inner),
        ...(name.endsWith('mirror') ? { granularity: inner.oneOf([512, 4096, 4096, 8192]) } : {}),
        ...inner.sometimes(0.4, { 'copy-mode': 'write-blocking' }),
      }),
      [startMirror, startMirror, ...starters],
    );

const asked = guestAsks(['sequential', 'random', 'whole-clusters', 'unaligned', 'multi-cluster'], [2, 6]);

const letGo: Part = (draw, situation) => {
  const [job] = situation.jobs;
  return job && only(command(draw, situation, 'block-job-set-speed', { device: job.id, speed: 0 }));
};

/** One request of those that are in flight together, or it and all that follow. */
const fails: Part = (draw, situation) => {
  const disk = draw.oneOf(['src', 'dst', 'dst']);
  if (!canInject(situation, disk)) return undefined;
  const iotype = disk === 'src' ? 'read' : draw.oneOf(['write', 'write', 'write-zeroes'] as const);
  const once = draw.chance(0.5) ? { once: true } : {};
  return [
    { fault: 'inject', disk, iotype, errno: draw.oneOf(['EIO', 'ENOSPC']), nth: draw.int(2, 24), ...once },
  ];
};

const mended: Part = (draw, situation) => {
  const [job] = situation.jobs;
  return [
    ...situation.faulty.map((disk): Step => ({ fault: 'lift', disk })),
    ...(job?.stopsAtErrors ? (verbSteps(draw, situation, 'resume', job) ?? []) : []),
  ];
};
