import type { Arena, Layer } from '../../src/sequence/arena.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Step } from '../../src/sequence/step.ts';

const sizeBytes = 2 ** 20;
const pair = (more: object = {}, ofTarget: object = {}): Arena => ({
  disks: [
    { name: 'src', format: 'raw', sizeBytes, fill: 'full', ...more },
    { name: 'dst', format: 'raw', sizeBytes, ...ofTarget },
  ],
});
/** A backup copies its first megabytes at once, whatever its speed. */
const large = (['src', 'dst'] as const).map((name) => ({
  name,
  format: 'raw' as const,
  sizeBytes: 20 * sizeBytes,
  fill: 'seeded' as const,
}));
const sequence = (steps: Step[], rest: Partial<Sequence> = {}): Sequence => ({
  schema: 1,
  title: 'to be lied about',
  arena: pair(),
  steps,
  ...rest,
});
const start = (command: string, more: object = {}): Step => ({
  qmp: command,
  args: { 'job-id': 'j0', device: { disk: 'src' }, target: { disk: 'dst' }, sync: 'full', ...more },
  expect: 'ok',
});
const awaited = (what: 'READY' | 'gone' | 'pending' | 'concluded' | 'paused'): Step => ({
  await: what,
  job: 'j0',
  expect: 'met',
  deadlineMs: 1000,
});
/** Nobody ends the job, so this is met only where something is wrong. */
const perhapsGone: Step = { await: 'gone', job: 'j0', deadlineMs: 200 };
/** Another than 1 byte a second: 7.2's mirror with speed 1 goes on to READY after any drain. */
const slowly = { speed: 1, 'buf-size': 65_536 };

/** A guest writes what a filter can't save. */
const errorOnTarget: Sequence['steps'] = [
  { fault: 'inject', disk: 'dst', errno: 'EIO', iotype: 'write' },
  { guest: 'write', disk: 'src', offsetBytes: 65_536, lengthBytes: 65_536 },
];
/** The first request comes through whatever the limit. */
const limitOnTarget: Sequence['steps'] = [
  { fault: 'throttle', disk: 'dst', bytesPerSecond: 1024 },
  { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 512 },
  { guest: 'write', disk: 'src', offsetBytes: 131_072, lengthBytes: 512, deadlineMs: 6000 },
];
/** Saving takes more than a second, and less than four. */
const lessLimitOnTarget: Sequence['steps'] = limitOnTarget.map((step) =>
  'fault' in step && step.fault === 'throttle' ? { ...step, bytesPerSecond: 40_000 } : step,
);
const overwritten = (
  onError: string,
  steps = errorOnTarget,
  { layers, ...more }: { layers?: Layer[]; 'cbw-timeout'?: number } = {},
): Sequence =>
  sequence(steps, {
    arena: {
      disks: [
        { name: 'src', format: 'raw', sizeBytes, fill: 'full', frontend: 'nbd', through: 'cbw' },
        { name: 'dst', format: 'raw', sizeBytes, ...(layers ? { layers } : {}) },
      ],
      nodes: [
        {
          ...more,
          'node-name': 'cbw',
          driver: 'copy-before-write',
          file: 'src',
          target: 'dst',
          'on-cbw-error': onError,
        },
        { 'node-name': 'past', driver: 'snapshot-access', file: 'cbw' },
      ],
    },
  });

/** Sequences whose real runs break no rule; each is told lies about. */
export const sequences = {
  softCancel: sequence(
    [
      start('blockdev-mirror'),
      awaited('READY'),
      { qmp: 'query-jobs', expect: 'ok' },
      { qmp: 'query-block-jobs', expect: 'ok' },
      { qmp: 'block-job-set-speed', args: { device: 'j0', speed: 2 ** 30 } },
      { qmp: 'block-job-cancel', args: { device: 'j0' } },
      awaited('gone'),
      { qmp: 'query-block-jobs', deadlineMs: 500 },
    ],
    { after: [{ same: ['src', 'dst'] }] },
  ),
  guestWrites: sequence(
    [
      { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 65_536 },
      {
        guest: 'write',
        disk: 'src',
        offsetBytes: 65_536,
        lengthBytes: 65_536,
        wait: false,
        deadlineMs: 9500,
      },
    ],
    { arena: pair({ frontend: 'nbd' }) },
  ),
  removedInUse: sequence(
    [
      { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 4096 },
      { qmp: 'block-export-del', args: { id: 'export-src' } },
    ],
    { arena: pair({ frontend: 'nbd' }) },
  ),
  exportRemoved: sequence(
    [
      { qmp: 'block-export-del', args: { id: 'export-src', mode: 'hard' }, expect: 'ok' },
      { pause: 50 },
      { qmp: 'query-block-exports', expect: 'ok' },
    ],
    { arena: pair({ frontend: 'nbd' }) },
  ),
  busyBitmap: sequence(
    [
      { qmp: 'block-dirty-bitmap-add', args: { node: 'src', name: 'bm0' }, expect: 'ok' },
      start('blockdev-backup', { device: 'src', bitmap: 'bm0', 'bitmap-mode': 'on-success', speed: 1 }),
      { qmp: 'block-dirty-bitmap-remove', args: { node: 'src', name: 'bm0' } },
      { qmp: 'block-job-cancel', args: { device: 'j0', force: true } },
      awaited('gone'),
    ],
    { arena: { disks: large } },
  ),
  changedBack: sequence([
    start('blockdev-mirror'),
    awaited('READY'),
    ...['write-blocking', 'background'].map((mode) => ({
      qmp: 'block-job-change',
      args: { id: 'j0', type: 'mirror', 'copy-mode': mode },
    })),
    { qmp: 'block-job-cancel', args: { device: 'j0' } },
    awaited('gone'),
  ]),
  changedBackup: sequence(
    [
      start('blockdev-backup', { device: 'src', speed: 1 }),
      { qmp: 'block-job-change', args: { id: 'j0', type: 'mirror', 'copy-mode': 'write-blocking' } },
      { qmp: 'block-job-cancel', args: { device: 'j0', force: true } },
      awaited('gone'),
    ],
    { arena: { disks: large } },
  ),
  activelySynced: sequence([
    start('blockdev-mirror', { 'copy-mode': 'write-blocking' }),
    awaited('READY'),
    { qmp: 'query-block-jobs', expect: 'ok' },
    { qmp: 'block-job-cancel', args: { device: 'j0' } },
    awaited('gone'),
  ]),
  filtered: sequence([
    {
      qmp: 'blockdev-add',
      args: { driver: 'copy-on-read', 'node-name': 'top', file: { disk: 'src' } },
      expect: 'ok',
    },
    { qmp: 'query-named-block-nodes', expect: 'ok' },
  ]),
  bitmaps: sequence(
    [
      { qmp: 'block-dirty-bitmap-add', args: { node: { disk: 'src' }, name: 'bm0' }, expect: 'ok' },
      { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 512, expect: 'ok' },
      { qmp: 'block-dirty-bitmap-add', args: { node: { disk: 'src' }, name: 'bm1' }, expect: 'ok' },
      { qmp: 'block-dirty-bitmap-clear', args: { node: { disk: 'src' }, name: 'bm0' }, expect: 'ok' },
      { guest: 'write', disk: 'src', offsetBytes: 131_072, lengthBytes: 512, expect: 'ok' },
      { qmp: 'query-named-block-nodes', expect: 'ok' },
    ],
    { arena: pair({ frontend: 'nbd' }) },
  ),
  incremental: sequence(
    [
      { qmp: 'block-dirty-bitmap-add', args: { node: { disk: 'src' }, name: 'bm0' }, expect: 'ok' },
      { qmp: 'block-dirty-bitmap-add', args: { node: { disk: 'src' }, name: 'bm1' }, expect: 'ok' },
      { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 65_536, expect: 'ok' },
      { qmp: 'block-dirty-bitmap-clear', args: { node: { disk: 'src' }, name: 'bm1' }, expect: 'ok' },
      { guest: 'write', disk: 'src', offsetBytes: 131_072, lengthBytes: 65_536, expect: 'ok' },
      start('blockdev-backup', { sync: 'bitmap', bitmap: 'bm0', 'bitmap-mode': 'never' }),
      awaited('gone'),
    ],
    { arena: pair({ frontend: 'nbd' }), after: [{ content: 'dst' }] },
  ),
  secondTry: sequence(
    [
      { qmp: 'block-dirty-bitmap-add', args: { node: { disk: 'src' }, name: 'bm0' }, expect: 'ok' },
      { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 65_536, expect: 'ok' },
      { guest: 'write', disk: 'src', offsetBytes: 524_288, lengthBytes: 65_536, expect: 'ok' },
      start('blockdev-backup', { sync: 'incremental', bitmap: 'bm0', speed: 1 }),
      { qmp: 'job-cancel', args: { id: 'j0' }, expect: 'ok' },
      awaited('gone'),
      start('blockdev-backup', { sync: 'incremental', bitmap: 'bm0' }),
      awaited('gone'),
    ],
    { arena: pair({ frontend: 'nbd' }), after: [{ content: 'dst' }] },
  ),
  fromNowOn: sequence(
    [
      start('blockdev-mirror', { sync: 'none' }),
      awaited('READY'),
      { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 65_536, expect: 'ok' },
      { qmp: 'block-job-cancel', args: { device: 'j0' }, expect: 'ok' },
      awaited('gone'),
    ],
    { arena: pair({ frontend: 'nbd' }), after: [{ content: 'dst' }] },
  ),
  saved: sequence(
    [
      start('blockdev-backup', { sync: 'none' }),
      { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 65_536, expect: 'ok' },
      { qmp: 'job-cancel', args: { id: 'j0' }, expect: 'ok' },
      awaited('gone'),
    ],
    { arena: pair({ frontend: 'nbd' }), after: [{ content: 'dst' }] },
  ),
  namedBacking: sequence(
    [
      {
        qmp: 'block-stream',
        args: {
          'job-id': 'j0',
          device: { disk: 'top' },
          'base-node': { disk: 'base' },
          'backing-file': 'base.qcow2',
        },
        expect: 'ok',
      },
      awaited('gone'),
    ],
    {
      arena: {
        disks: [
          { name: 'base', format: 'qcow2', sizeBytes, fill: 'full' },
          { name: 'middle', format: 'qcow2', sizeBytes, backing: 'base' },
          { name: 'top', format: 'qcow2', sizeBytes, backing: 'middle' },
        ],
      },
      after: [{ content: 'top' }],
    },
  ),
  rawBacking: sequence(
    [
      {
        qmp: 'block-stream',
        args: {
          'job-id': 'j0',
          device: { disk: 'top' },
          'base-node': { disk: 'base' },
          'backing-file': 'base.raw',
        },
        expect: 'ok',
      },
      awaited('gone'),
    ],
    {
      arena: {
        disks: [
          { name: 'base', format: 'raw', sizeBytes, fill: 'full' },
          { name: 'middle', format: 'qcow2', sizeBytes, backing: 'base' },
          { name: 'top', format: 'qcow2', sizeBytes, backing: 'middle' },
        ],
      },
      after: [{ content: 'top' }],
    },
  ),
  compressing: sequence([start('blockdev-backup', { compress: true }), awaited('gone')], {
    arena: pair({}, { format: 'qcow2' }),
    after: [{ content: 'dst' }],
  }),
  givenUp: sequence(
    [
      { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 65_536, expect: 'ok' },
      start('blockdev-backup', { device: 'past', 'discard-source': true }),
      awaited('gone'),
    ],
    {
      arena: {
        disks: [
          { name: 'src', format: 'raw', sizeBytes, fill: 'full', frontend: 'nbd', through: 'cbw' },
          { name: 'dst', format: 'raw', sizeBytes },
          { name: 'old', format: 'qcow2', sizeBytes, discard: 'unmap' },
        ],
        nodes: [
          { 'node-name': 'cbw', driver: 'copy-before-write', file: 'src', target: 'old' },
          { 'node-name': 'past', driver: 'snapshot-access', file: 'cbw', discard: 'unmap' },
        ],
      },
      after: [{ content: 'old' }],
    },
  ),
  alwaysSynced: sequence(
    [
      { qmp: 'block-dirty-bitmap-add', args: { node: { disk: 'src' }, name: 'bm0' }, expect: 'ok' },
      { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 65_536, expect: 'ok' },
      { guest: 'write', disk: 'src', offsetBytes: 524_288, lengthBytes: 65_536, expect: 'ok' },
      start('blockdev-backup', { sync: 'bitmap', bitmap: 'bm0', 'bitmap-mode': 'always', speed: 1 }),
      { qmp: 'job-cancel', args: { id: 'j0' }, expect: 'ok' },
      awaited('gone'),
      { qmp: 'query-named-block-nodes', expect: 'ok' },
    ],
    { arena: pair({ frontend: 'nbd' }), after: [{ content: 'dst' }] },
  ),
  keptBitmaps: sequence(
    [
      {
        qmp: 'block-dirty-bitmap-add',
        args: { node: { disk: 'src' }, name: 'bm0', persistent: true },
        expect: 'ok',
      },
      { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 512, expect: 'ok' },
      {
        qmp: 'block-dirty-bitmap-add',
        args: { node: { disk: 'src' }, name: 'bm1', persistent: true },
        expect: 'ok',
      },
      { qmp: 'block-dirty-bitmap-remove', args: { node: { disk: 'src' }, name: 'bm1' }, expect: 'ok' },
    ],
    { arena: pair({ format: 'qcow2', frontend: 'nbd' }), after: [{ content: 'src' }] },
  ),
  // 7.2 shows what was written since wherever a read begins with it: nobody writes here.
  fleeced: sequence([{ guest: 'read', disk: 'src', offsetBytes: 0, lengthBytes: 512, expect: 'ok' }], {
    arena: {
      disks: [
        { name: 'src', format: 'raw', sizeBytes, fill: 'full', frontend: 'nbd', through: 'cbw' },
        { name: 'dst', format: 'raw', sizeBytes },
      ],
      nodes: [
        { 'node-name': 'cbw', driver: 'copy-before-write', file: 'src', target: 'dst' },
        { 'node-name': 'past', driver: 'snapshot-access', file: 'cbw' },
      ],
    },
  }),
  refused: sequence([
    { qmp: 'job-pause', args: { id: 'nobody' }, expect: 'error' },
    { qmp: 'block-job-cancel', args: { device: 'nobody' }, expect: 'error' },
    { qmp: 'query-nothing', expect: 'error' },
  ]),
  unsaved: overwritten('break-snapshot'),
  savedFirst: overwritten('break-guest-write'),
  slowlySaved: overwritten('break-snapshot', limitOnTarget, {
    layers: [{ throttle: {} }],
    'cbw-timeout': 1,
  }),
  slowlySavedFirst: overwritten('break-guest-write', lessLimitOnTarget, {
    layers: [{ throttle: {} }],
    'cbw-timeout': 4, // 7.2 cuts more than that
  }),
  migrated: sequence([
    { qmp: 'migrate-set-capabilities', args: { capabilities: [{ capability: 'events', state: true }] } },
    { qmp: 'migrate', args: { uri: 'exec:cat >/dev/null' }, expect: 'ok' },
    { await: { event: 'MIGRATION', data: { status: 'completed' } }, deadlineMs: 5000, expect: 'met' },
    { qmp: 'cont', expect: 'ok' },
    { qmp: 'query-named-block-nodes', expect: 'ok' },
  ]),
  sparse: sequence(
    [
      start('blockdev-mirror'),
      awaited('READY'),
      { qmp: 'job-complete', args: { id: 'j0' } },
      awaited('gone'),
    ],
    {
      arena: pair({ fill: { runs: [[0, 4096]] } }),
      after: [{ content: 'src' }, { content: 'dst' }],
    },
  ),
  zeroesCommitted: sequence(
    [
      { guest: 'zero', disk: 'top', offsetBytes: 0, lengthBytes: 131_072, expect: 'ok' },
      { qmp: 'blockdev-snapshot', args: { node: { disk: 'top' }, overlay: { disk: 'over' } }, expect: 'ok' },
      {
        qmp: 'block-commit',
        args: { 'job-id': 'j0', device: 'over', 'top-node': 'top', 'base-node': 'base' },
        expect: 'ok',
      },
      awaited('gone'),
    ],
    {
      arena: {
        disks: [
          { name: 'base', format: 'qcow2', sizeBytes, fill: 'full' },
          { name: 'top', format: 'qcow2', sizeBytes, backing: 'base', frontend: 'nbd' },
          { name: 'over', format: 'qcow2', sizeBytes },
        ],
      },
      after: [{ content: 'base' }],
    },
  ),
  forcedCancel: sequence([
    start('blockdev-mirror'),
    awaited('READY'),
    { qmp: 'block-job-cancel', args: { device: 'j0', force: true } },
    awaited('gone'),
  ]),
  untouchedReady: sequence([start('blockdev-mirror'), awaited('READY'), perhapsGone]),
  untouchedBackup: sequence([start('blockdev-backup', { speed: 1 }), perhapsGone], {
    arena: { disks: large },
  }),
  earlyCancel: sequence(
    [
      start('blockdev-backup', { speed: 1 }),
      { qmp: 'block-job-cancel', args: { device: 'j0' } },
      awaited('gone'),
    ],
    { arena: { disks: large } },
  ),
  pausedMirror: sequence([
    start('blockdev-mirror', slowly),
    { qmp: 'job-pause', args: { id: 'j0' } },
    awaited('paused'),
    { qmp: 'query-block-jobs' },
    { qmp: 'job-pause', args: { id: 'j0' } },
    { qmp: 'job-resume', args: { id: 'j0' } },
    { qmp: 'job-complete', args: { id: 'j0' } },
    { qmp: 'job-cancel', args: { id: 'j0' } },
    awaited('gone'),
    { qmp: 'job-cancel', args: { id: 'j0' } },
  ]),
  resumed: sequence([
    start('blockdev-mirror', slowly),
    { qmp: 'job-pause', args: { id: 'j0' } },
    awaited('paused'),
    { qmp: 'job-resume', args: { id: 'j0' } },
    { await: 'running', job: 'j0', deadlineMs: 2500 },
  ]),
  resumedAtLast: sequence([
    start('blockdev-mirror', slowly),
    { qmp: 'job-pause', args: { id: 'j0' } },
    awaited('paused'),
    { qmp: 'job-resume', args: { id: 'j0' } },
  ]),
  patient: sequence([start('blockdev-mirror'), { await: 'READY', job: 'j0', deadlineMs: 5200 }]),
  byHand: sequence([
    start('blockdev-backup', { 'auto-finalize': false, 'auto-dismiss': false }),
    awaited('pending'),
    { qmp: 'job-finalize', args: { id: 'j0' } },
    awaited('concluded'),
    { qmp: 'query-jobs' },
    { qmp: 'job-dismiss', args: { id: 'j0' } },
  ]),
  group: sequence(
    [
      {
        qmp: 'transaction',
        args: {
          actions: ['0', '1'].map((n) => ({
            type: 'blockdev-backup',
            data: { 'job-id': `j${n}`, device: `src${n}`, target: `dst${n}`, sync: 'full' },
          })),
          properties: { 'completion-mode': 'grouped' },
        },
        expect: 'ok',
      },
      awaited('gone'),
    ],
    {
      arena: { disks: ['src0', 'dst0', 'src1', 'dst1'].map((name) => ({ name, format: 'raw', sizeBytes })) },
    },
  ),
  sizesDiffer: sequence([start('blockdev-mirror'), awaited('gone')], {
    arena: { disks: [pair().disks[0]!, { name: 'dst', format: 'raw', sizeBytes: 2 * sizeBytes }] },
  }),
  pausedBackup: sequence(
    [
      start('blockdev-backup', { speed: 1 }),
      { qmp: 'job-pause', args: { id: 'j0' } },
      awaited('paused'),
      { qmp: 'query-block-jobs' },
      { qmp: 'query-block-jobs' },
    ],
    { arena: { disks: large } },
  ),
  asleep: sequence([start('blockdev-backup', { speed: 1 })], { arena: { disks: large } }),
  toldToPause: sequence([start('blockdev-backup', { speed: 1 }), { qmp: 'job-pause', args: { id: 'j0' } }], {
    arena: { disks: large },
  }),
  completed: sequence([
    start('blockdev-mirror'),
    awaited('READY'),
    { qmp: 'job-complete', args: { id: 'j0' } },
  ]),
  softCancelled: sequence([
    start('blockdev-mirror'),
    awaited('READY'),
    { qmp: 'block-job-cancel', args: { device: 'j0' } },
  ]),
  askedOnce: sequence([start('blockdev-mirror', slowly), { qmp: 'query-block-jobs', expect: 'ok' }]),
  limitedMeanwhile: sequence(
    [
      start('blockdev-mirror', { speed: sizeBytes, 'buf-size': 65_536 }),
      { qmp: 'block-job-set-speed', args: { device: 'j0', speed: 65_536 }, expect: 'ok' },
      { qmp: 'query-block-jobs', expect: 'ok' },
      { pause: 500 },
      { qmp: 'query-block-jobs', expect: 'ok' },
    ],
    { arena: pair({ sizeBytes: 8 * sizeBytes }, { sizeBytes: 8 * sizeBytes }) },
  ),
  limitedMirror: sequence([
    start('blockdev-mirror', { speed: sizeBytes / 4, 'buf-size': 65_536 }),
    perhapsGone,
  ]),
  readError: sequence([start('blockdev-backup', { 'on-source-error': 'report' }), awaited('gone')], {
    arena: pair({ layers: [{ blkdebug: [{ event: 'read_aio', errno: 'EIO' }] }] }),
  }),
  plainReadError: sequence([start('blockdev-mirror'), awaited('gone')], {
    arena: pair({ layers: [{ blkdebug: [{ iotype: 'read', errno: 'EIO' }] }] }),
  }),
  failedKept: sequence(
    [
      start('blockdev-backup', { 'on-source-error': 'report', 'auto-dismiss': false }),
      awaited('concluded'),
      { qmp: 'query-jobs', expect: 'ok' },
    ],
    { arena: pair({ layers: [{ blkdebug: [{ event: 'read_aio', errno: 'EIO' }] }] }) },
  ),
  stoppedBackup: sequence(
    [
      start('blockdev-backup', { 'on-source-error': 'stop' }),
      awaited('paused'),
      { qmp: 'query-block-jobs', expect: 'ok' },
    ],
    { arena: pair({ layers: [{ blkdebug: [{ event: 'read_aio', errno: 'EIO', once: true }] }] }) },
  ),
  ignoredError: sequence([start('blockdev-backup', { 'on-source-error': 'ignore' }), awaited('gone')], {
    arena: pair({ layers: [{ blkdebug: [{ iotype: 'read', errno: 'EIO', once: true }] }] }),
  }),
  reportedOnce: sequence([start('blockdev-backup', { 'on-source-error': 'report' }), awaited('gone')], {
    arena: pair({ layers: [{ blkdebug: [{ iotype: 'read', errno: 'EIO', once: true }] }] }),
  }),
  /** Nothing but the job itself ends what it has announced; longer than the rule grants. */
  reportedAndLeft: sequence(
    [
      start('blockdev-backup', { 'on-source-error': 'report' }),
      { await: 'gone', job: 'j0', deadlineMs: 5000 },
    ],
    { arena: pair({ layers: [{ blkdebug: [{ iotype: 'read', errno: 'EIO', once: true }] }] }) },
  ),
  /** What the guest writes when all is copied fails on its way to the target. */
  stoppedReady: sequence(
    [
      start('blockdev-mirror', { 'on-target-error': 'stop' }),
      awaited('READY'),
      { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 65_536 },
      { await: 'standby', job: 'j0', deadlineMs: 5000 },
    ],
    {
      arena: pair(
        { frontend: 'nbd' },
        { layers: [{ blkdebug: [{ iotype: 'write', errno: 'EIO', once: true, nth: 2 }] }] },
      ),
    },
  ),
  stoppedOnce: sequence([start('blockdev-backup', { 'on-source-error': 'stop' }), perhapsGone], {
    arena: pair({ layers: [{ blkdebug: [{ iotype: 'read', errno: 'EIO', once: true }] }] }),
  }),
  streamIgnores: sequence(
    [
      {
        qmp: 'block-stream',
        args: { 'job-id': 'j0', device: { disk: 'top' }, 'on-error': 'ignore' },
        expect: 'ok',
      },
      awaited('gone'),
    ],
    {
      arena: {
        disks: [
          {
            name: 'base',
            format: 'raw',
            sizeBytes,
            fill: 'full',
            layers: [{ blkdebug: [{ event: 'read_aio', errno: 'EIO', once: true }] }],
          },
          { name: 'top', format: 'qcow2', sizeBytes, backing: 'base' },
        ],
      },
    },
  ),
  exportedReadError: sequence([start('blockdev-backup', { 'on-source-error': 'report' }), awaited('gone')], {
    arena: pair({ frontend: 'nbd', layers: [{ blkdebug: [{ event: 'read_aio', errno: 'EIO' }] }] }),
  }),
  lastingError: sequence([start('blockdev-mirror'), awaited('gone')], {
    arena: pair({}, { layers: [{ blkdebug: [{ iotype: 'write', errno: 'EIO' }] }] }),
  }),
  guestWrite: sequence(
    [
      { qmp: 'query-block-jobs' },
      { await: { event: 'BLOCK_EXPORT_DELETED' }, deadlineMs: 200 }, // comes only where something is wrong
      { guest: 'write', disk: 'src', expect: 'ok' },
    ],
    { arena: pair({ frontend: 'nbd' }) },
  ),
  malformed: sequence([
    { raw: '{"execute": query-jobs}\n', expect: 'error' },
    { raw: { base64: '//79' }, expect: 'error' },
    { raw: '{"execute": "query-version", "id": "é"}' },
    { qmp: 'query-jobs', expect: { return: [] } },
  ]),
  quit: sequence([{ qmp: 'quit' }, { await: 'exit', expect: 'met', deadlineMs: 5000 }]),
} satisfies Record<string, Sequence>;
