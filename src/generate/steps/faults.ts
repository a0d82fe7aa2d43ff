import type { Inject } from '../../sequence/arena.ts';
import type { FaultStep, Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { GuessedJob } from '../guesses.ts';
import { limits } from '../limits.ts';
import { jobReference, type Situation } from '../situation.ts';
import { drawJob } from './candidates.ts';
import { offers } from './command.ts';
import { control, verbSteps } from './control.ts';
import { lookAtJobs, query } from './query.ts';

/** Errors of a disk armed and lifted, and what a job that stops at them wants next. */
export function fault(draw: Draw, situation: Situation): Step[] | undefined {
  const stopped = drawJob(draw, situation, (job) => job.stopsAtErrors && isHit(situation, job));
  if (stopped && draw.chance(0.6)) return recovery(draw, situation, stopped);
  const injected = situation.faulty.filter((disk) => canInject(situation, disk) || hasRoom(situation, disk));
  const lifted = draw.anyOf(injected);
  if (lifted !== undefined && draw.chance(0.5))
    return [
      { fault: 'lift', disk: lifted },
      { fault: 'room', disk: lifted },
    ];
  const disk = draw.anyOf(situation.arena.disks.filter(({ name }) => canInject(situation, name)));
  return disk && [drawInjection(draw, situation, disk.name)];
}

/** A layer that is there from the start takes its limit away, and back, on every version. */
const hasRoom = ({ arena }: Situation, disk: string): boolean =>
  arena.disks.some(({ name, layers = [] }) => name === disk && layers.some((layer) => 'room' in layer));

/** 6.1 and newer can put blkdebug below a node that is open; a drive's nodes have no name to do it by. */
function canInject(situation: Situation, disk: string): boolean {
  const node = situation.nodes.find(({ name }) => name === disk);
  return (
    offers(situation, 'blockdev-reopen') &&
    node !== undefined &&
    node.children.length > 0 &&
    node.disk === disk
  );
}

const isHit = ({ faulty }: Situation, { source, target }: GuessedJob): boolean =>
  faulty.includes(source) || (target !== undefined && faulty.includes(target));

function drawInjection(draw: Draw, { jobs, arena }: Situation, disk: string): FaultStep {
  const isSource = jobs.some(({ source }) => source === disk);
  const isQcow2 = arena.disks.some(({ name, format }) => name === disk && format === 'qcow2');
  if (isQcow2 && !isSource && draw.chance(0.15)) return { fault: 'fill', disk };
  if (draw.chance(0.2)) return { fault: 'inject', disk, ...drawNarrow(draw, isSource, isQcow2) };
  const iotype = isSource
    ? draw.oneOf(['read', 'read', 'read', 'write', 'flush'] as const)
    : draw.oneOf(['write', 'write', 'write', 'write-zeroes', 'flush', 'discard'] as const);
  return {
    fault: 'inject',
    disk,
    iotype,
    errno: draw.oneOf(['EIO', 'EIO', 'ENOSPC', 'EPERM'] as const),
    ...(draw.chance(0.4) ? { once: true } : {}),
  };
}

/** Errors that a few requests meet: some sectors, the Nth request, a step of the format driver. */
function drawNarrow(draw: Draw, isSource: boolean, isQcow2: boolean): Inject {
  const errno = draw.oneOf(['EIO', 'ENOSPC'] as const);
  const iotype = isSource ? 'read' : 'write';
  const narrow: [Inject, ...Inject[]] = [
    { iotype, errno, sectors: [128 * draw.int(5, 40), draw.int(1, 16)] },
    { iotype, errno, once: true, nth: draw.int(1, 8) },
    ...(isQcow2 ? [{ errno, once: true, event: draw.oneOf(allocationEvents) }] : []),
  ];
  return draw.oneOf(narrow);
}

/** Steps of qcow2 that were seen to come in these jobs, as blkdebug calls them. */
const allocationEvents = [
  'cluster_alloc',
  'l2_update',
  'refblock_alloc',
  'write_aio',
  'flush_to_disk',
] as const;

/** The user's part: sees that the job stands, mends the disk, and lets it go on. */
function recovery(draw: Draw, situation: Situation, job: GuessedJob): Step[] {
  const disks = situation.faulty.filter(
    (disk) =>
      (disk === job.source || disk === job.target) &&
      (canInject(situation, disk) || hasRoom(situation, disk)),
  );
  return [
    { await: 'paused', job: jobReference(situation, job), deadlineMs: draw.oneOf(limits.shortDeadlineMs) },
    ...lookAtJobs(draw, situation, 0.4),
    ...disks.flatMap((disk): Step[] => [
      { fault: 'lift', disk },
      { fault: 'room', disk },
    ]),
    ...(verbSteps(draw, situation, draw.oneOf(['resume', 'resume', 'resume', 'cancel']), job) ?? []),
    ...lookAtJobs(draw, situation, 0.2),
  ];
}

/** A throttled disk let loose, or held again. */
export function throttle(draw: Draw, { arena, throttled }: Situation): Step[] | undefined {
  const disk = draw.anyOf(
    arena.disks.filter(({ layers = [] }) => layers.some((layer) => 'throttle' in layer)),
  );
  if (!disk) return undefined;
  if (throttled.includes(disk.name) && draw.chance(0.5)) return [{ fault: 'unthrottle', disk: disk.name }];
  const limit = draw.oneOf([{ bytesPerSecond: 65_536 }, { bytesPerSecond: 2 ** 20 }, { iops: 20 }] as const);
  return [{ fault: 'throttle', disk: disk.name, ...limit }];
}

/** QEMU stands still while commands come in, and then finds them all at once. */
export function freeze(draw: Draw, situation: Situation): Step[] | undefined {
  if (situation.suspended) return undefined;
  const meanwhile = Array.from({ length: draw.int(1, 3) }, () =>
    draw.oneOf([control, control, query])(draw, { ...situation, suspended: true }),
  );
  return [
    { fault: 'sigstop' },
    ...meanwhile.flatMap((steps) => (steps ?? []).filter((step) => 'qmp' in step)),
    { fault: 'sigcont' },
    { await: 'reply', deadlineMs: draw.oneOf(limits.shortDeadlineMs) },
  ];
}
