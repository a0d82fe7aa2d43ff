import { nodeName } from '../../sequence/arena.ts';
import type { GuessedJob } from '../guesses.ts';
import { type Feature, isCommand, someDisk } from './feature.ts';

/** A node of that driver stands over the arena's disks, or is added by a step. */
const present = (driver: string): Feature => ({
  name: driver,
  holds: ({ sequence: { arena, steps } }) =>
    arena.nodes?.some((node) => node.driver === driver) === true ||
    arena.disks.some(({ layers = [] }) => layers.some((layer) => driver in layer)) ||
    steps.some((step) => isCommand(step, 'blockdev-add') && step.args?.driver === driver),
});

/** A job that works on a node over a disk. */
const worksOver = (
  name: string,
  is: (job: GuessedJob, isOver: (node: string) => boolean) => boolean,
): Feature => ({
  name,
  holds: ({ sequence: { arena }, moments, end }) => {
    const over = new Set((arena.nodes ?? []).map(nodeName));
    const situations = [...moments.map(({ now }) => now), end];
    return (
      over.size > 0 && situations.some(({ jobs }) => jobs.some((job) => is(job, (node) => over.has(node))))
    );
  },
});

/** Filters as parties. */
export const filters: readonly Feature[] = [
  ...['throttle', 'compress', 'copy-on-read', 'copy-before-write', 'preallocate'].map(present),
  ...['blkverify', 'blklogwrites', 'quorum', 'snapshot-access'].map(present),
  someDisk('a guest by way of a filter', ({ through }) => through !== undefined),
  worksOver('a filter as source', ({ source }, isOver) => isOver(source)),
  worksOver('a filter as target', ({ target = '' }, isOver) => isOver(target)),
  someDisk('a shared throttle group', ({ layers = [] }) =>
    layers.some((layer) => 'throttle' in layer && layer.throttle.group !== undefined),
  ),
  {
    name: 'raw with offset or size',
    holds: ({ sequence: { arena, steps } }) =>
      [
        ...(arena.nodes ?? []),
        ...steps.flatMap((step) => (isCommand(step, 'blockdev-add') ? [step.args ?? {}] : [])),
      ].some(({ driver, offset, size }) => driver === 'raw' && (offset !== undefined || size !== undefined)),
  },
  someDisk('a throttle layer', ({ layers = [] }) => layers.some((layer) => 'throttle' in layer)),
  someDisk('a blkdebug layer', ({ layers = [] }) => layers.some((layer) => 'blkdebug' in layer)),
];
