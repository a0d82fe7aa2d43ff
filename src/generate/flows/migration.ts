import { pair } from '../arenas/pair.ts';
import { command, only } from '../steps/command.ts';
import { type Flow, send, sometimes, untilGone, untilReady } from './flow.ts';
import {
  active,
  arrived,
  awaited,
  back,
  bitmap,
  bitmapMapping,
  bootablePair,
  canMigrate,
  capabilities,
  events,
  jobsGoOn,
  migrate,
  over,
  overlay,
  quietChain,
  quietPair,
  startAny,
  startHeld,
  writes,
} from './migrating.ts';
import { movingArena } from './nbd-migration.ts';

/** The state goes nowhere, or into a file; what takes it may be gone at once, or never have been there. */
export const saving: Flow = {
  name: 'saving',
  weight: 2.5,
  suits: canMigrate,
  arena: (draw, binary) => draw.oneOf([quietPair, quietChain])(draw, binary),
  parts: (draw) => {
    const whither = draw.oneOf(['taken', 'lost', 'lost'] as const);
    return [
      events,
      'hole',
      ...sometimes(draw, 0.5, send('stop')),
      migrate(whither),
      ...sometimes(draw, 0.4, send('migrate_cancel')),
      over(whither === 'taken' ? 'completed' : 'failed'),
      ...sometimes(draw, 0.5, 'hole'),
      ...sometimes(draw, 0.4, overlay),
      back,
      'hole',
      startAny,
      'hole',
    ];
  },
};

/**
 * A job that works while the machine leaves: what writes to a disk keeps it from being given away. Where it does not, the
 * job goes on writing to what is no longer this machine's, if it has anything left to write.
 */
export const besideJob: Flow = {
  name: 'migration beside a job',
  weight: 5,
  suits: canMigrate,
  arena: (draw, binary) =>
    draw.oneOf([quietPair, quietPair, quietChain, pair({ guest: true })])(draw, binary),
  parts: (draw) => {
    const whither = draw.oneOf(['taken', 'lost'] as const);
    return [
      events,
      draw.chance(0.7) ? startHeld : startAny,
      'hole',
      migrate(whither),
      ...sometimes(draw, 0.3, 'hole'),
      over(whither === 'lost' ? 'failed' : draw.oneOf(['failed', 'completed'] as const)),
      ...sometimes(draw, 0.7, jobsGoOn),
      'hole',
      ...sometimes(draw, 0.85, back, 'hole'),
    ];
  },
};

/** The machine goes to a second QEMU, which has its disks, too, or others; then it may be wanted back. */
export const moving: Flow = {
  name: 'moving',
  weight: 4.5,
  suits: (binary) => canMigrate(binary) && binary.without?.has('destination QEMU') !== true,
  arena: awaited,
  parts: (draw) => [
    ...(draw.chance(0.5)
      ? [capabilities('events', 'dirty-bitmaps'), bitmap, ...sometimes(draw, 0.7, bitmapMapping())]
      : [events, ...sometimes(draw, 0.2, bitmap)]),
    ...sometimes(draw, 0.4, startAny, 'hole'),
    migrate('taken'),
    ...sometimes(draw, 0.35, send('migrate_cancel')),
    over('completed'),
    arrived,
    ...sometimes(draw, 0.5, 'hole'),
    back,
    startAny,
    'hole',
  ],
};

/** As libvirt moves disks that are not shared: mirrored before, cut off while the machine stands, then given away. */
export const storageMigration: Flow = {
  name: 'storage migration',
  weight: 5,
  suits: canMigrate,
  arena: (draw, binary) => draw.oneOf([quietPair, movingArena, movingArena, awaited, awaited])(draw, binary),
  parts: (draw) => {
    const job = 'move-src';
    const along = draw.chance(0.4);
    return [
      capabilities('events', 'pause-before-switchover', ...(along ? ['dirty-bitmaps'] : [])),
      ...(along ? [bitmap, ...sometimes(draw, 0.6, bitmapMapping())] : sometimes(draw, 0.2, bitmap)),
      send('blockdev-mirror', {
        'job-id': job,
        device: { disk: 'src' },
        target: { node: 'dst' },
        sync: draw.oneOf(['full', 'full', 'top'] as const),
        ...draw.sometimes(0.5, { 'copy-mode': 'write-blocking' }),
      }),
      untilReady(job),
      ...sometimes(draw, 0.5, 'hole'),
      migrate('taken'),
      over('pre-switchover'),
      ...sometimes(draw, 0.5, 'hole'),
      draw.chance(0.6)
        ? send('block-job-cancel', { device: job })
        : send('block-job-complete', { device: job }),
      untilGone(job),
      ...(draw.chance(0.65)
        ? [send('migrate-continue', { state: 'pre-switchover' }), over('completed'), arrived]
        : [send('migrate_cancel'), over('cancelled')]),
      ...sometimes(draw, 0.4, 'hole'),
      ...sometimes(draw, 0.7, back, 'hole', startAny, 'hole'),
    ];
  },
};

/** A guest that boots is saved with its memory, gets an overlay, goes on, and its disk moves. */
export const snapshotWithMemory: Flow = {
  name: 'snapshot with memory',
  weight: 4.5,
  suits: (binary) => canMigrate(binary) && binary.without?.has('pc machine') !== true,
  arena: bootablePair,
  parts: (draw) => [
    events,
    writes,
    ...sometimes(draw, 0.7, send('stop')),
    migrate('taken'),
    over('completed'),
    overlay,
    back,
    writes,
    (inner, situation) =>
      only(
        command(inner, situation, 'blockdev-mirror', {
          'job-id': 'moved',
          device: situation.nodes.some(({ name }) => name === 'saved') ? 'saved' : 'src',
          target: { node: 'dst' },
          sync: 'full',
        }),
      ),
    writes,
    untilReady('moved'),
    send('block-job-complete', { device: 'moved' }),
    untilGone('moved'),
    writes,
  ],
};

/** Nodes are made inactive by hand, and active again, as a destination that lets go of its disks does. */
export const setInactive: Flow = {
  name: 'set inactive',
  weight: 1,
  suits: ({ schema }) => schema.commands.has('blockdev-set-active'),
  arena: (draw, binary) => draw.oneOf([quietPair, quietChain])(draw, binary),
  parts: (draw) => [
    ...sometimes(draw, 0.5, bitmap),
    ...sometimes(draw, 0.4, 'hole'),
    active(false, draw.oneOf(['src', 'dst', undefined])),
    startAny,
    'hole',
    send('query-named-block-nodes', { flat: true }),
    active(true, draw.oneOf([undefined, undefined, 'src'])),
    'hole',
    startAny,
    'hole',
  ],
};
