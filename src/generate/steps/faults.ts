import type { Inject } from '../../sequence/arena.ts';
import type { FaultStep, Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { GuessedJob } from '../guesses.ts';
import { limits } from '../limits.ts';
import { jobReference, type Situation } from '../situation.ts';
import { drawJob } from './candidates.ts';
import { command, offers, only } from './command.ts';
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
  const copies = drawJob(
    draw,
    situation,
    ({ status, held, endless }) => held && !endless && status === 'running',
  );
  if (copies && draw.chance(0.5)) return errorsWhileItCopies(draw, situation, copies);
  return armAnError(draw, situation);
}

/** An error of one disk, or now and then of two at the same time. */
export function armAnError(draw: Draw, situation: Situation): Step[] | undefined {
  const disks = situation.arena.disks.filter(({ name }) => canInject(situation, name));
  const disk = draw.anyOf(disks);
  const other = draw.chance(0.15) ? draw.anyOf(disks.filter((each) => each !== disk)) : undefined;
  return disk && [disk, ...(other ? [other] : [])].map(({ name }) => drawInjection(draw, situation, name));
}

/**
 * A job that its limit holds in the middle of the copy meets the error once it is let go: on its source, on what that
 * stands on, or on its target.
 */
function errorsWhileItCopies(draw: Draw, situation: Situation, job: GuessedJob): Step[] | undefined {
  const touched = [...readBy(situation, job), ...(job.target === undefined ? [] : [job.target])];
  const disk = draw.anyOf(touched.filter((name) => canInject(situation, name)));
  if (disk === undefined) return armAnError(draw, situation);
  const reference = jobReference(situation, job);
  const letGo = only(command(draw, situation, 'block-job-set-speed', { device: reference, speed: 0 })) ?? [];
  const comes = job.stopsAtErrors ? 'paused' : job.becomesReady ? 'READY' : 'gone';
  return [
    drawInjection(draw, situation, disk),
    ...(draw.chance(0.7) ? letGo : []),
    ...(draw.chance(0.5)
      ? [{ await: comes, job: reference, deadlineMs: draw.oneOf(limits.shortDeadlineMs) } as const]
      : []),
    ...lookAtJobs(draw, situation, 0.3),
  ];
}

/** The source, and the images below it. */
function readBy({ nodes }: Situation, { source }: GuessedJob): string[] {
  const names = [source];
  for (const each of names) {
    const below = nodes.find(({ name }) => name === each)?.backing;
    if (below !== undefined && !names.includes(below)) names.push(below);
  }
  return names;
}

/** A layer that is there from the start takes its limit away, and back, on every version. */
const hasRoom = ({ arena }: Situation, disk: string): boolean =>
  arena.disks.some(({ name, layers = [] }) => name === disk && layers.some((layer) => 'room' in layer));

/** 6.1 and newer can put blkdebug below a node that is open; a drive's nodes have no name to do it by. */
export function canInject(situation: Situation, disk: string): boolean {
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

function drawInjection(draw: Draw, situation: Situation, disk: string): FaultStep {
  const { jobs, arena, nodes } = situation;
  const isCopied = jobs.some((job) => readBy(situation, job).includes(disk));
  const hasContent = nodes.some(({ name, hasContent }) => name === disk && hasContent);
  const isSource = isCopied || (jobs.length === 0 && hasContent);
  const isQcow2 = arena.disks.some(({ name, format }) => name === disk && format === 'qcow2');
  if (isQcow2 && !isSource && draw.chance(0.15)) return { fault: 'fill', disk };
  if (draw.chance(0.1))
    return {
      fault: 'inject',
      disk,
      rules: [
        drawNarrow(draw, isSource, isQcow2),
        { iotype: draw.oneOf(isSource ? ['write', 'read'] : ['read', 'write']), errno: 'EIO', once: true },
      ],
    };
  if (draw.chance(0.25)) return { fault: 'inject', disk, ...drawNarrow(draw, isSource, isQcow2) };
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
  const only = draw.oneOf([undefined, undefined, 'reads', 'writes'] as const);
  return [{ fault: 'throttle', disk: disk.name, ...limit, ...(only === undefined ? {} : { only }) }];
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
