import { filterDrivers } from '../../model/graph/graph.ts';
import { nodeName } from '../../sequence/arena.ts';
import type { GuessedJob } from '../guesses.ts';
import { type Feature, hasCommand, hasNode, isCommand, someDisk, someStep } from './feature.ts';

/** A node of that driver stands over the arena's disks, or is added by a step. */
const present = (driver: string): Feature => ({
  name: driver,
  needs: hasNode(driver),
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

/** An overlay stands on a filter, and a job works on that chain. */
const withinChain: Feature = {
  name: 'a job on a chain with a filter in it',
  holds: ({ moments, end }) =>
    [...moments.map(({ now }) => now), end].some(({ nodes, jobs }) => {
      const filtersIn = new Set(
        nodes.flatMap(({ name, driver, disk }) =>
          disk === undefined && filterDrivers.has(driver) ? [name] : [],
        ),
      );
      const above = nodes.filter(({ backing }) => backing !== undefined && filtersIn.has(backing));
      return jobs.some(({ source }) => above.some(({ name }) => name === source));
    }),
};

/** A commit or a stream is told of a filter as one of its ends. */
const namedInChain = (end: 'base' | 'top'): Feature =>
  someStep(`a filter as the ${end} of a commit or stream`, ({ step, now }) => {
    if (!isCommand(step, 'block-commit') && !isCommand(step, 'block-stream')) return false;
    const named = [`${end}-node`, ...(end === 'base' ? ['bottom'] : ['device'])].map(
      (name) => step.args?.[name],
    );
    return now.nodes.some(
      ({ name, driver, disk }) => disk === undefined && filterDrivers.has(driver) && named.includes(name),
    );
  });

/** Filters as parties. */
export const filters: readonly Feature[] = [
  ...['throttle', 'compress', 'copy-on-read', 'copy-before-write', 'preallocate'].map(present),
  ...['blkverify', 'blklogwrites', 'quorum', 'snapshot-access'].map(present),
  {
    name: 'a filter that keeps a snapshot says what becomes of failed copies',
    needs: hasNode('copy-before-write'),
    holds: ({ sequence: { arena, steps } }) =>
      arena.nodes?.some((node) => 'on-cbw-error' in node) === true ||
      steps.some((step) => isCommand(step, 'blockdev-add') && step.args?.['on-cbw-error'] !== undefined),
  },
  {
    name: 'a backup that discards what it has read',
    needs: hasCommand('blockdev-backup', 'discard-source'),
    holds: ({ sequence: { steps } }) =>
      steps.some((step) => isCommand(step, 'blockdev-backup') && step.args?.['discard-source'] === true),
  },
  someDisk('a guest by way of a filter', ({ through }) => through !== undefined),
  worksOver('a filter as source', ({ source }, isOver) => isOver(source)),
  worksOver('a filter as target', ({ target = '' }, isOver) => isOver(target)),
  ...(['base', 'top'] as const).map(namedInChain),
  worksOver(
    'a filter as what a commit or stream starts from',
    ({ source, type }, isOver) => (type === 'commit' || type === 'stream') && isOver(source),
  ),
  {
    name: 'a filter over a filter',
    holds: ({ sequence: { arena } }) => {
      const over = new Set((arena.nodes ?? []).map(nodeName));
      return arena.nodes?.some(({ file }) => typeof file === 'string' && over.has(file)) === true;
    },
  },
  withinChain,
  someDisk('a filter below the format node', ({ layers = [] }) =>
    layers.some((layer) => 'throttle' in layer || 'preallocate' in layer),
  ),
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
