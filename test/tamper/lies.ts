import type { Json } from '../../src/sequence/step.ts';
import type { sequences } from './sequences.ts';
import type { Tampering } from './tampering.ts';

/** What is told wrongly of which sequence, and the rule that must notice; `also`: rules that can't but notice too. */
export type Lie = {
  rule: string;
  says: string;
  of: keyof typeof sequences;
  tampering: Tampering | Tampering[];
  also?: readonly string[];
  /** Rules that notice as well where settling is faster than the job, or slower. */
  perhaps?: readonly string[];
  /** For rules that the usual QEMU is too old for. */
  onSeries?: '10.0' | '11.1';
  /** Through qemu-system; else through the storage daemon. */
  flavour?: 'system';
  /** The version that it says it is of, where the lie is about that. */
  takenFor?: string;
};

const status = (name: string): { event: string; data: { status: string } } => ({
  event: 'JOB_STATUS_CHANGE',
  data: { status: name },
});
const refusal = (desc: string): Record<string, Json> => ({ error: { class: 'GenericError', desc } });

const timestamp = { seconds: 1_700_000_000, microseconds: 0 };

/** A character device is no node: nothing that is taken apart in the end. */
const openBehindOurBack = (out: string): Tampering => ({
  at: { event: 'BLOCK_JOB_READY' },
  act: 'send',
  execute: 'chardev-add',
  arguments: { id: 'hoard', backend: { type: 'file', data: { out, append: true } } },
});

/** Answered as if it had been done; `query-version` does nothing. */
const notDone = (command: string): Tampering => ({
  at: { command },
  act: 'edit',
  set: { execute: 'query-version', arguments: {} },
});

/** What the policy says is told, and another action taken. */
const doesInstead = (action: string, told: string): Tampering[] => [
  { at: { command: 'blockdev-backup' }, act: 'edit', set: { 'arguments.on-source-error': action } },
  { at: { event: 'BLOCK_JOB_ERROR' }, act: 'edit', set: { 'data.action': told } },
];

const readyOf = (type: string): Json => ({
  event: 'BLOCK_JOB_READY',
  timestamp,
  data: { device: 'j0', len: 2 ** 20, offset: 2 ** 20, speed: 1, type },
});

/** At least one for each rule of every family that judges replies, events, the process and the images. */
export const lies: readonly Lie[] = [
  {
    rule: 'crash/signal',
    says: 'QEMU dies of SIGSEGV when the mirror is READY',
    of: 'softCancel',
    tampering: { at: { event: 'BLOCK_JOB_READY' }, act: 'kill', signal: 'SIGSEGV' },
  },
  {
    rule: 'crash/signal',
    says: 'QEMU aborts with an assertion on stderr',
    of: 'pausedMirror',
    tampering: {
      at: { reply: 'job-pause' },
      act: 'kill',
      signal: 'SIGABRT',
      stderr: 'job.c:1: job_pause: Assertion `job->pause_count > 0` failed.',
    },
  },
  {
    rule: 'crash/unexpected-exit',
    says: 'QEMU exits in the middle',
    of: 'softCancel',
    tampering: { at: { event: 'BLOCK_JOB_READY' }, act: 'exit', code: 1, stderr: 'out of memory' },
  },
  {
    rule: 'crash/exit-code',
    says: 'quit ends with code 3',
    of: 'quit',
    tampering: { at: { command: 'quit' }, act: 'exit', code: 3 },
  },
  {
    rule: 'hang/command',
    says: 'a reply never comes',
    of: 'softCancel',
    tampering: { at: { reply: 'query-block-jobs' }, nth: 2, act: 'drop' },
  },
  {
    rule: 'hang/settle',
    says: 'quit is answered and not done',
    of: 'quit',
    tampering: { at: { command: 'quit' }, act: 'edit', set: { execute: 'query-version' } },
    also: ['claim/await'],
  },
  {
    rule: 'hang/guest-request',
    says: 'the export is put on a node that passes a byte a second',
    of: 'guestWrites',
    tampering: [
      { at: { command: 'block-export-add' }, act: 'edit', set: { 'arguments.node-name': 'slow' } },
      {
        at: { command: 'block-export-add' },
        act: 'add',
        messages: [
          {
            execute: 'object-add',
            id: 'tamper-group',
            arguments: { 'qom-type': 'throttle-group', id: 'crawl', limits: { 'bps-total': 1 } },
          },
          {
            execute: 'blockdev-add',
            id: 'tamper-filter',
            arguments: { driver: 'throttle', 'node-name': 'slow', 'throttle-group': 'crawl', file: 'src' },
          },
        ],
      },
    ],
  },
  {
    rule: 'state/guest-error',
    says: 'the export is made read-only on its way',
    of: 'guestWrites',
    tampering: { at: { command: 'block-export-add' }, act: 'edit', set: { 'arguments.writable': false } },
  },
  {
    rule: 'state/guest-error',
    says: 'the export is put on a node that fails every write',
    of: 'guestWrites',
    tampering: [
      { at: { command: 'block-export-add' }, act: 'edit', set: { 'arguments.node-name': 'bad' } },
      {
        at: { command: 'block-export-add' },
        act: 'add',
        messages: [
          {
            execute: 'blockdev-add',
            id: 'tamper-bad',
            arguments: {
              driver: 'blkdebug',
              'node-name': 'bad',
              image: 'src',
              'inject-error': [{ event: 'none', iotype: 'write', errno: 5 }],
            },
          },
        ],
      },
    ],
  },
  {
    rule: 'state/cbw-break-snapshot',
    says: 'a filter that breaks its snapshot is made on its way to one that breaks writes',
    of: 'unsaved',
    tampering: {
      at: { command: 'blockdev-add', args: { 'node-name': 'cbw' } },
      act: 'edit',
      set: { 'arguments.on-cbw-error': 'break-guest-write' },
    },
  },
  {
    rule: 'state/cbw-break-guest-write',
    says: 'a filter that breaks writes is made on its way to one that breaks its snapshot',
    of: 'savedFirst',
    tampering: {
      at: { command: 'blockdev-add', args: { 'node-name': 'cbw' } },
      act: 'edit',
      set: { 'arguments.on-cbw-error': 'break-snapshot' },
    },
  },
  {
    rule: 'state/cbw-timeout-over',
    says: 'a filter gets a shorter cbw-timeout on its way',
    of: 'slowlySavedFirst',
    tampering: {
      at: { command: 'blockdev-add', args: { 'node-name': 'cbw' } },
      act: 'edit',
      set: { 'arguments.cbw-timeout': 1 },
    },
  },
  {
    rule: 'hang/cbw-timeout',
    says: 'a filter loses its cbw-timeout on its way',
    of: 'slowlySaved',
    tampering: {
      at: { command: 'blockdev-add', args: { 'node-name': 'cbw' } },
      act: 'edit',
      unset: ['arguments.cbw-timeout'],
    },
  },
  {
    rule: 'integrity/snapshot-kept',
    says: 'a filter that breaks writes is made on its way to one that breaks its snapshot, and cannot save',
    of: 'savedFirst',
    tampering: {
      at: { command: 'blockdev-add', args: { 'node-name': 'cbw' } },
      act: 'edit',
      set: { 'arguments.on-cbw-error': 'break-snapshot' },
    },
    also: ['state/cbw-break-guest-write'], // the guest's write
  },
  {
    rule: 'hang/resume',
    says: 'resume is answered and not done',
    of: 'resumed',
    tampering: notDone('job-resume'),
    also: ['state/verb-reply'], // settling resumes it once more, and that is accepted
  },
  {
    rule: 'hang/resume',
    says: 'the resume of a job that an error has stopped is answered and not done',
    of: 'stoppedBackup',
    tampering: notDone('job-resume'), // settling's
  },
  {
    rule: 'hang/resume',
    says: 'the last resume is answered and not done, and settling is told that nothing is paused',
    of: 'resumedAtLast',
    tampering: [
      { ...notDone('job-resume'), nth: 'every' },
      {
        at: { reply: 'job-resume' },
        nth: 2,
        act: 'edit',
        set: refusal("Can't resume a job that was not paused"),
        unset: ['return'],
      },
    ],
  },
  {
    rule: 'hang/pause',
    says: 'pause is answered and not done',
    of: 'toldToPause',
    tampering: notDone('job-pause'),
    also: ['state/query-paused'], // settling asks
  },
  {
    rule: 'hang/cancel',
    says: 'the first cancel by force is answered and not done',
    of: 'asleep',
    tampering: notDone('job-cancel'),
    perhaps: ['state/forced-cancel-cancels'], // its limit lifted, it may be done before the second cancel
  },
  {
    rule: 'hang/cancel',
    says: 'the cancel by force of a READY job is answered and not done',
    of: 'forcedCancel',
    tampering: notDone('block-job-cancel'),
    also: ['claim/await'],
  },
  {
    rule: 'hang/complete',
    says: 'complete is answered and not done',
    of: 'completed',
    tampering: notDone('job-complete'),
  },
  {
    rule: 'hang/complete',
    says: 'the soft cancel of a READY job is answered and not done',
    of: 'softCancelled',
    tampering: notDone('block-job-cancel'),
  },
  {
    rule: 'hang/reported-error',
    says: 'the job stops at the error that it says to report',
    of: 'reportedAndLeft',
    tampering: doesInstead('stop', 'report'),
    also: ['state/reported-error-fails', 'state/verb-reply'], // settling resumes it
  },
  {
    rule: 'hang/error-stop',
    says: 'a READY mirror ignores the error that it says to stop at',
    of: 'stoppedReady',
    tampering: [
      { at: { command: 'blockdev-mirror' }, act: 'edit', set: { 'arguments.on-target-error': 'ignore' } },
      { at: { event: 'BLOCK_JOB_ERROR' }, act: 'edit', set: { 'data.action': 'stop' } },
    ],
    also: ['state/io-status', 'state/query-paused'], // settling asks
  },
  {
    rule: 'hang/no-progress',
    says: 'the limit is shown as lifted, and is not',
    of: 'untouchedBackup',
    tampering: [
      notDone('block-job-set-speed'),
      { at: { reply: 'query-block-jobs' }, nth: 'every', act: 'edit', set: { 'return.0.speed': 0 } },
    ],
    also: ['state/event-fields'], // a query shows a speed that nobody has set
  },
  {
    rule: 'hang/stalled',
    says: 'a speed of a byte a second is put into the start on its way',
    of: 'patient',
    tampering: {
      at: { command: 'blockdev-mirror' },
      act: 'edit',
      set: { 'arguments.speed': 1, 'arguments.buf-size': 65_536 },
    },
    also: ['state/event-fields'], // its events tell the speed
  },
  {
    rule: 'leak/leftover',
    says: 'blockdev-del of the target is answered and not done',
    of: 'softCancel',
    tampering: {
      at: { command: 'blockdev-del', args: { 'node-name': 'dst' } },
      nth: 'every',
      act: 'edit',
      set: { execute: 'query-version', arguments: {} },
    },
  },
  {
    rule: 'leak/open-file',
    says: 'the target is opened once more and never closed',
    of: 'softCancel',
    tampering: openBehindOurBack('$DIR/q0/dst.raw'),
  },
  {
    rule: 'leak/descriptors',
    says: 'something is opened and never closed',
    of: 'softCancel',
    tampering: openBehindOurBack('/dev/null'),
  },
  {
    rule: 'leak/threads',
    says: 'an iothread is added and never removed',
    of: 'softCancel',
    tampering: {
      at: { event: 'BLOCK_JOB_READY' },
      act: 'send',
      execute: 'object-add',
      arguments: { 'qom-type': 'iothread', id: 'hoard' },
    },
    also: ['leak/descriptors'], // it has some of its own
    onSeries: '11.1',
  },
  {
    rule: 'claim/reply',
    says: 'query-jobs fails, which the sequence says it must not',
    of: 'softCancel',
    tampering: { at: { reply: 'query-jobs' }, act: 'edit', unset: ['return'], set: refusal('no jobs today') },
  },
  {
    rule: 'claim/await',
    says: 'READY is awaited and held back',
    of: 'softCancel',
    tampering: { at: { event: 'BLOCK_JOB_READY' }, act: 'drop' },
    also: ['state/ready-announced'],
  },
  {
    rule: 'claim/guest',
    says: 'the export is closed under the guest',
    of: 'guestWrite',
    tampering: {
      at: { reply: 'query-block-jobs' },
      act: 'send',
      execute: 'block-export-del',
      arguments: { id: 'export-src', mode: 'hard' },
    },
    also: ['state/guest-error'],
  },
  {
    rule: 'claim/image',
    says: 'one byte of the finished copy is inverted',
    of: 'softCancel',
    tampering: { at: status('null'), act: 'flip', file: 'q0/dst.raw', offsetBytes: 4096, lengthBytes: 1 },
  },
  {
    rule: 'validation/export-in-use',
    says: 'the export of a connected guest is removed by force, which was not asked for',
    of: 'removedInUse',
    tampering: { at: { command: 'block-export-del' }, act: 'edit', set: { 'arguments.mode': 'hard' } },
  },
  {
    rule: 'graph/export-gone-announced',
    says: 'that an export is gone is dropped',
    of: 'exportRemoved',
    tampering: { at: { event: 'BLOCK_EXPORT_DELETED' }, act: 'drop' },
  },
  {
    rule: 'graph/bitmap-in-use',
    says: 'the bitmap of a backup is removed',
    of: 'busyBitmap',
    tampering: {
      at: { reply: 'block-dirty-bitmap-remove' },
      act: 'edit',
      unset: ['error'],
      set: { return: {} },
    },
  },
  {
    rule: 'state/no-change-back',
    says: 'a mirror is said to be a background one again',
    of: 'changedBack',
    tampering: {
      at: { reply: 'block-job-change' },
      nth: 2,
      act: 'edit',
      unset: ['error'],
      set: { return: {} },
    },
    onSeries: '10.0',
  },
  {
    rule: 'state/no-change-of-others',
    says: 'a backup is said to be changed',
    of: 'changedBackup',
    tampering: { at: { reply: 'block-job-change' }, act: 'edit', unset: ['error'], set: { return: {} } },
    onSeries: '10.0',
  },
  {
    rule: 'state/actively-synced',
    says: 'a write-blocking mirror is shown as not synced',
    of: 'activelySynced',
    tampering: {
      at: { reply: 'query-block-jobs' },
      act: 'edit',
      set: { 'return.0.actively-synced': false },
    },
    onSeries: '10.0',
  },
  {
    rule: 'state/transition',
    says: 'running is dropped',
    of: 'forcedCancel',
    tampering: { at: status('running'), act: 'drop' },
  },
  {
    rule: 'state/transition',
    says: 'waiting and pending change places',
    of: 'softCancel',
    tampering: { at: status('waiting'), act: 'swap' },
    also: ['state/end-announced'],
  },
  {
    rule: 'state/ready-announced',
    says: 'BLOCK_JOB_READY comes twice',
    of: 'softCancel',
    tampering: { at: { event: 'BLOCK_JOB_READY' }, act: 'repeat' },
  },
  {
    rule: 'state/ready-announced',
    says: 'READY is told of a backup, which never gets ready',
    of: 'untouchedBackup',
    tampering: { at: { reply: 'blockdev-backup' }, act: 'add', messages: [readyOf('backup')] },
    also: ['state/progress-grows'], // it has not come as far
  },
  {
    rule: 'state/query-agrees',
    says: 'READY is told with its status while the mirror copies',
    of: 'askedOnce',
    tampering: {
      at: { reply: 'blockdev-mirror' },
      act: 'add',
      messages: [
        { event: 'JOB_STATUS_CHANGE', timestamp, data: { id: 'j0', status: 'ready' } },
        readyOf('mirror'),
      ],
    },
    // Settling lifts its limit, and then it gets ready.
    also: ['state/progress-grows', 'state/ready-announced', 'state/transition'],
  },
  {
    rule: 'state/end-announced',
    says: 'BLOCK_JOB_COMPLETED is dropped',
    of: 'softCancel',
    tampering: { at: { event: 'BLOCK_JOB_COMPLETED' }, act: 'drop' },
  },
  {
    rule: 'state/end-announced',
    says: 'the ending and concluded change places',
    of: 'softCancel',
    tampering: { at: { event: 'BLOCK_JOB_COMPLETED' }, act: 'swap' },
  },
  {
    rule: 'state/pending-announced',
    says: 'BLOCK_JOB_PENDING is dropped',
    of: 'byHand',
    tampering: { at: { event: 'BLOCK_JOB_PENDING' }, act: 'drop' },
  },
  {
    rule: 'state/nothing-after-null',
    says: 'null comes twice',
    of: 'softCancel',
    tampering: { at: status('null'), act: 'repeat' },
  },
  {
    rule: 'state/cancelled-unprovoked',
    says: 'a running backup is cancelled behind our back',
    of: 'untouchedBackup',
    tampering: {
      at: { reply: 'blockdev-backup' },
      act: 'send',
      execute: 'job-cancel',
      arguments: { id: 'j0' },
    },
  },
  {
    rule: 'state/failure-named',
    says: 'an error is written into BLOCK_JOB_COMPLETED',
    of: 'softCancel',
    tampering: {
      at: { event: 'BLOCK_JOB_COMPLETED' },
      act: 'edit',
      set: { 'data.error': 'Input/output error' },
    },
  },
  {
    rule: 'state/failure-named',
    says: 'the error is taken out of BLOCK_JOB_COMPLETED',
    of: 'readError',
    tampering: { at: { event: 'BLOCK_JOB_COMPLETED' }, act: 'edit', unset: ['data.error'] },
    also: ['state/reported-error-fails'], // its error was reported
  },
  {
    rule: 'state/completed-unasked',
    says: 'a READY mirror is completed behind our back',
    of: 'untouchedReady',
    tampering: {
      at: { event: 'BLOCK_JOB_READY' },
      act: 'send',
      execute: 'job-complete',
      arguments: { id: 'j0' },
    },
  },
  {
    rule: 'state/forced-cancel-cancels',
    says: 'force is taken out of the cancel on its way',
    of: 'forcedCancel',
    tampering: { at: { command: 'block-job-cancel' }, act: 'edit', unset: ['arguments.force'] },
  },
  {
    rule: 'state/soft-cancel-completes',
    says: 'force is put into the cancel on its way',
    of: 'softCancel',
    tampering: { at: { command: 'block-job-cancel' }, act: 'edit', set: { 'arguments.force': true } },
  },
  {
    rule: 'state/early-cancel-cancels',
    says: 'instead of being cancelled the backup is set free to finish',
    of: 'earlyCancel',
    tampering: {
      at: { command: 'block-job-cancel' },
      act: 'edit',
      set: { execute: 'block-job-set-speed', 'arguments.speed': 0 },
    },
    also: ['state/event-fields'], // the speed set behind our back
  },
  {
    rule: 'state/verb-reply',
    says: 'an accepted cancel is said to be refused',
    of: 'forcedCancel',
    tampering: { at: { reply: 'block-job-cancel' }, act: 'edit', unset: ['return'], set: refusal('no') },
    also: ['state/cancelled-unprovoked'],
  },
  {
    rule: 'state/verb-reply',
    says: 'the second pause, which is refused, is said to be accepted',
    of: 'pausedMirror',
    tampering: { at: { reply: 'job-pause' }, nth: 2, act: 'edit', unset: ['error'], set: { return: {} } },
  },
  {
    rule: 'state/verb-reply',
    says: 'the refusal of complete names another status',
    of: 'pausedMirror',
    tampering: {
      at: { reply: 'job-complete' },
      act: 'edit',
      set: { 'error.desc': "Job 'j0' in state 'waiting' cannot accept command verb 'complete'" },
    },
  },
  {
    rule: 'state/query-lists-jobs',
    says: 'query-block-jobs leaves the job out',
    of: 'softCancel',
    tampering: { at: { reply: 'query-block-jobs' }, act: 'edit', set: { return: [] } },
  },
  {
    rule: 'state/query-lists-jobs',
    says: 'query-jobs shows a job by another name',
    of: 'byHand',
    tampering: { at: { reply: 'query-jobs' }, act: 'edit', set: { 'return.0.id': 'j9' } },
  },
  {
    rule: 'state/query-agrees',
    says: 'the READY job is shown as running',
    of: 'softCancel',
    tampering: { at: { reply: 'query-jobs' }, act: 'edit', set: { 'return.0.status': 'running' } },
  },
  {
    rule: 'state/io-status',
    says: 'the io-status is failed, though nothing failed',
    of: 'softCancel',
    tampering: { at: { reply: 'query-block-jobs' }, act: 'edit', set: { 'return.0.io-status': 'failed' } },
  },
  {
    rule: 'state/io-status',
    says: 'the io-status is ok, though an error holds the job',
    of: 'stoppedBackup',
    tampering: { at: { reply: 'query-block-jobs' }, act: 'edit', set: { 'return.0.io-status': 'ok' } },
  },
  {
    rule: 'state/io-status',
    says: 'the io-status is nospace, though the error was another',
    of: 'stoppedBackup',
    tampering: { at: { reply: 'query-block-jobs' }, act: 'edit', set: { 'return.0.io-status': 'nospace' } },
  },
  {
    rule: 'state/query-paused',
    says: 'the paused mirror is shown as not paused',
    of: 'pausedMirror',
    tampering: { at: { reply: 'query-block-jobs' }, act: 'edit', set: { 'return.0.paused': false } },
  },
  {
    rule: 'state/query-error',
    says: 'query-jobs shows no error of the job that failed',
    of: 'failedKept',
    tampering: { at: { reply: 'query-jobs' }, act: 'edit', unset: ['return.0.error'] },
  },
  {
    rule: 'state/reported-error-fails',
    says: 'the job that has reported an error completes without one',
    of: 'readError',
    tampering: { at: { event: 'BLOCK_JOB_COMPLETED' }, act: 'edit', unset: ['data.error'] },
    also: ['state/failure-named'], // it aborted
  },
  {
    rule: 'state/reported-error-fails',
    says: 'the job ignores the error that it says to report, and goes on',
    of: 'reportedOnce',
    tampering: doesInstead('ignore', 'report'),
  },
  {
    rule: 'state/reported-error-short',
    says: 'the backup that could not read anything says that all is done',
    of: 'readError',
    tampering: { at: { event: 'BLOCK_JOB_COMPLETED' }, act: 'edit', set: { 'data.offset': 2 ** 20 } },
  },
  {
    rule: 'state/error-named',
    says: 'the stream that has ignored an error names another one',
    of: 'streamIgnores',
    tampering: {
      at: { event: 'BLOCK_JOB_COMPLETED' },
      act: 'edit',
      set: { 'data.error': 'Operation not permitted' },
    },
  },
  {
    rule: 'state/reported-error-ends',
    says: 'a backup that has reported an error says that it is READY before it fails',
    of: 'readError',
    tampering: {
      at: status('aborting'),
      act: 'add',
      messages: [
        { timestamp, event: 'JOB_STATUS_CHANGE', data: { id: 'j0', status: 'ready' } },
        {
          timestamp,
          event: 'BLOCK_JOB_READY',
          data: { device: 'j0', type: 'backup', len: 0, offset: 0, speed: 0 },
        },
      ],
    },
  },
  {
    rule: 'state/ignored-error-of-stream',
    says: 'the stream that has ignored an error completes without one',
    of: 'streamIgnores',
    tampering: { at: { event: 'BLOCK_JOB_COMPLETED' }, act: 'edit', unset: ['data.error'] },
    also: ['state/failure-named'], // it aborted
  },
  {
    rule: 'state/ignoring-stream-goes-on',
    says: 'the stream that has ignored an error ends at the beginning',
    of: 'streamIgnores',
    tampering: { at: { event: 'BLOCK_JOB_COMPLETED' }, act: 'edit', set: { 'data.offset': 0 } },
  },
  {
    rule: 'state/ignored-error-retried',
    says: 'the backup that has ignored an error fails with it',
    of: 'ignoredError',
    tampering: {
      at: { event: 'BLOCK_JOB_COMPLETED' },
      act: 'edit',
      set: { 'data.error': 'Input/output error' },
    },
    also: ['state/failure-named'], // it did not abort
  },
  {
    rule: 'state/ignored-error-retried',
    says: 'the job ends at the error that it says to ignore',
    of: 'ignoredError',
    tampering: doesInstead('report', 'ignore'),
  },
  {
    rule: 'state/error-stops',
    says: 'the job ignores the error that it says to stop at, and goes on',
    of: 'stoppedOnce',
    tampering: doesInstead('ignore', 'stop'),
  },
  {
    rule: 'state/error-stops',
    says: 'an error that was ignored is said to have stopped the job',
    of: 'ignoredError',
    tampering: { at: { event: 'BLOCK_JOB_ERROR' }, act: 'edit', set: { 'data.action': 'stop' } },
    also: ['state/error-policy'],
  },
  {
    rule: 'state/error-announced',
    says: 'the read error that ended the mirror is not told of',
    of: 'plainReadError',
    tampering: { at: { event: 'BLOCK_JOB_ERROR' }, nth: 'every', act: 'drop' },
  },
  {
    rule: 'state/completed-at-len',
    says: 'COMPLETED before its len',
    of: 'softCancel',
    tampering: { at: { event: 'BLOCK_JOB_COMPLETED' }, act: 'edit', set: { 'data.len': 2 ** 22 } },
  },
  {
    rule: 'state/progress-bounds',
    says: 'COMPLETED at twice its len',
    of: 'softCancel',
    tampering: { at: { event: 'BLOCK_JOB_COMPLETED' }, act: 'edit', set: { 'data.offset': 2 ** 21 } },
    also: ['state/completed-at-len'],
  },
  {
    rule: 'state/progress-grows',
    says: 'COMPLETED at 0, though READY came at the end',
    of: 'softCancel',
    tampering: { at: { event: 'BLOCK_JOB_COMPLETED' }, act: 'edit', set: { 'data.offset': 0 } },
    also: ['state/completed-at-len'],
  },
  {
    rule: 'state/len-kept',
    says: 'a cancelled backup says of a part that it was all',
    of: 'pausedBackup',
    tampering: { at: { event: 'BLOCK_JOB_CANCELLED' }, act: 'edit', set: { 'data.len': 2 ** 23 } },
  },
  {
    rule: 'state/pending-announced',
    says: 'one of a group that finalizes by itself says that it waits for that',
    of: 'group',
    tampering: {
      at: { event: 'BLOCK_JOB_COMPLETED' },
      act: 'add',
      messages: [{ timestamp, event: 'BLOCK_JOB_PENDING', data: { type: 'backup', id: 'j0' } }],
    },
    perhaps: ['state/end-announced'],
  },
  {
    rule: 'state/event-fields',
    says: 'COMPLETED with another speed than was set',
    of: 'softCancel',
    tampering: { at: { event: 'BLOCK_JOB_COMPLETED' }, act: 'edit', set: { 'data.speed': 0 } },
  },
  {
    rule: 'state/event-fields',
    says: 'a mirror is READY as a commit',
    of: 'forcedCancel',
    tampering: { at: { event: 'BLOCK_JOB_READY' }, act: 'edit', set: { 'data.type': 'commit' } },
  },
  {
    rule: 'state/ready-at-len',
    says: 'READY one byte early',
    of: 'forcedCancel',
    tampering: { at: { event: 'BLOCK_JOB_READY' }, act: 'edit', set: { 'data.offset': 2 ** 20 - 1 } },
  },
  {
    rule: 'state/group-ends-together',
    says: 'one of a group is said to have failed',
    of: 'group',
    tampering: [
      {
        at: { event: 'BLOCK_JOB_COMPLETED' },
        act: 'edit',
        set: { 'data.error': 'Input/output error' },
      },
    ],
    also: ['state/failure-named'],
  },
  {
    rule: 'state/size-mismatch-fails',
    says: 'the mirror to a larger target, which fails, is said to be READY first',
    of: 'sizesDiffer',
    tampering: {
      at: status('aborting'),
      act: 'add',
      messages: [
        { event: 'JOB_STATUS_CHANGE', timestamp, data: { id: 'j0', status: 'ready' } },
        {
          event: 'BLOCK_JOB_READY',
          timestamp,
          data: { device: 'j0', type: 'mirror', offset: 0, len: 0, speed: 0 },
        },
      ],
    },
  },
  {
    rule: 'state/paused-stands-still',
    says: 'the first of two queries in one pause shows less',
    of: 'pausedBackup',
    tampering: { at: { reply: 'query-block-jobs' }, act: 'edit', set: { 'return.0.offset': 0 } },
  },
  {
    rule: 'state/speed-limit',
    says: 'the speed is taken out of the start on its way',
    of: 'limitedMirror',
    onSeries: '10.0',
    tampering: { at: { command: 'blockdev-mirror' }, act: 'edit', set: { 'arguments.speed': 0 } },
    also: ['state/event-fields'],
  },
  {
    rule: 'state/speed-between',
    says: 'the limit is raised on its way to a job that copies',
    of: 'limitedMeanwhile',
    onSeries: '10.0',
    tampering: { at: { command: 'block-job-set-speed' }, act: 'edit', set: { 'arguments.speed': 2 ** 22 } },
    also: ['state/event-fields'],
  },
  {
    rule: 'state/error-policy',
    says: 'an error is ignored that was to be reported',
    of: 'readError',
    tampering: { at: { event: 'BLOCK_JOB_ERROR' }, act: 'edit', set: { 'data.action': 'ignore' } },
  },
  {
    rule: 'protocol/one-reply',
    says: 'a reply comes twice',
    of: 'refused',
    tampering: { at: { reply: 'job-pause' }, act: 'repeat' },
  },
  {
    rule: 'protocol/error-class',
    says: 'an error has a class that there is not',
    of: 'refused',
    tampering: { at: { reply: 'query-nothing' }, act: 'edit', set: { 'error.class': 'Odd' } },
  },
  {
    rule: 'protocol/greeting-once',
    says: 'the monitor greets in the middle',
    of: 'refused',
    tampering: {
      at: { reply: 'job-pause' },
      act: 'add',
      messages: [{ QMP: { version: {}, capabilities: [] } }],
    },
  },
  {
    rule: 'validation/unknown-job',
    says: 'nobody is said to have been cancelled',
    of: 'refused',
    tampering: {
      at: { reply: 'block-job-cancel' },
      act: 'edit',
      unset: ['error'],
      set: { return: {} },
    },
    also: ['claim/reply'],
  },
  {
    rule: 'validation/unknown-job',
    says: 'a job that there is not is said to be a device',
    of: 'refused',
    tampering: { at: { reply: 'job-pause' }, act: 'edit', set: { 'error.class': 'DeviceNotActive' } },
  },
  {
    rule: 'image/corrupted',
    says: 'an image is said to be corrupt, and not for good',
    of: 'keptBitmaps',
    tampering: {
      at: { reply: 'block-dirty-bitmap-remove' },
      act: 'add',
      messages: [
        {
          timestamp,
          event: 'BLOCK_IMAGE_CORRUPTED',
          data: { device: '', 'node-name': 'src', msg: 'overlap', offset: 65_536, fatal: false },
        },
      ],
    },
  },
  {
    rule: 'image/corrupted',
    says: 'an image without a name is said to be corrupt',
    of: 'forcedCancel',
    tampering: {
      at: status('ready'),
      act: 'add',
      messages: [
        { timestamp, event: 'BLOCK_IMAGE_CORRUPTED', data: { device: '', msg: 'overlap', fatal: true } },
      ],
    },
  },
  {
    rule: 'image/corrupted',
    says: 'an image is said to be corrupt',
    of: 'softCancel',
    tampering: {
      at: status('ready'),
      act: 'add',
      messages: [
        {
          timestamp,
          event: 'BLOCK_IMAGE_CORRUPTED',
          data: { device: '', 'node-name': 'dst', msg: 'overlap', fatal: true },
        },
      ],
    },
  },
  {
    rule: 'state/error-caused',
    says: 'a read error that nobody injected',
    of: 'softCancel',
    tampering: {
      at: status('ready'),
      act: 'add',
      messages: [
        {
          timestamp,
          event: 'BLOCK_JOB_ERROR',
          data: { device: 'j0', operation: 'read', action: 'report' },
        },
      ],
    },
    also: ['state/reported-error-ends', 'state/reported-error-fails'], // and then the job is READY, and completes
  },
  {
    rule: 'state/error-named',
    says: 'a job that EIO ended says that something was not permitted',
    of: 'readError',
    tampering: {
      at: { event: 'BLOCK_JOB_COMPLETED' },
      act: 'edit',
      set: { 'data.error': 'Operation not permitted' },
    },
  },
  {
    rule: 'state/failed-stays',
    says: 'the guest is said to be on the target of a backup that failed',
    of: 'exportedReadError',
    tampering: {
      at: { reply: 'query-block-exports' },
      act: 'edit',
      set: { 'return.0.node-name': 'dst' },
    },
  },
  {
    rule: 'state/lasting-error-fails',
    says: 'a mirror onto a disk that fails every write was READY before it failed',
    of: 'lastingError',
    tampering: {
      at: status('aborting'),
      act: 'add',
      messages: [
        { timestamp, event: 'JOB_STATUS_CHANGE', data: { id: 'j0', status: 'ready' } },
        {
          timestamp,
          event: 'BLOCK_JOB_READY',
          data: { device: 'j0', type: 'mirror', len: 0, offset: 0, speed: 0 },
        },
      ],
    },
    also: ['state/reported-error-ends'],
  },
  {
    rule: 'graph/as-opened',
    says: 'nodes are shown as read-only when all is over',
    of: 'softCancel',
    tampering: {
      at: { reply: 'query-named-block-nodes' },
      act: 'edit',
      set: { 'return.0.ro': true, 'return.1.ro': true },
    },
  },
  {
    rule: 'graph/as-opened',
    says: 'a node is shown with another driver when all is over',
    of: 'forcedCancel',
    tampering: {
      at: { reply: 'query-named-block-nodes' },
      act: 'edit',
      set: { 'return.0.drv': 'quorum' },
    },
  },
  {
    rule: 'graph/as-opened',
    says: 'a node is opened with detect-zeroes on its way',
    of: 'forcedCancel',
    tampering: {
      at: { command: 'blockdev-add', args: { 'node-name': 'dst' } },
      act: 'edit',
      set: { 'arguments.detect-zeroes': 'on' },
    },
  },
  {
    rule: 'integrity/bitmap-covers',
    says: 'a bitmap is added as disabled on its way',
    of: 'bitmaps',
    tampering: {
      at: { command: 'block-dirty-bitmap-add', args: { name: 'bm0' } },
      act: 'edit',
      set: { 'arguments.disabled': true },
    },
  },
  {
    rule: 'integrity/bitmap-covers',
    says: 'a bitmap is cleared behind our back before it is read',
    of: 'bitmaps',
    tampering: {
      at: { reply: 'query-named-block-nodes' },
      nth: 2,
      act: 'send',
      execute: 'block-dirty-bitmap-clear',
      arguments: { node: 'src', name: 'bm1' },
    },
  },
  {
    rule: 'integrity/bitmap-exact',
    says: 'a bitmap is not cleared, and that it is is said',
    of: 'bitmaps',
    tampering: {
      at: { command: 'block-dirty-bitmap-clear' },
      act: 'edit',
      set: { execute: 'block-dirty-bitmap-enable' },
    },
  },
  {
    rule: 'integrity/backup',
    says: 'a backup is given a bitmap that names less',
    of: 'incremental',
    tampering: {
      at: { command: 'blockdev-backup' },
      act: 'edit',
      set: { 'arguments.bitmap': 'bm1' },
    },
  },
  {
    rule: 'integrity/backup',
    says: 'a backup copies everything, whatever its bitmap names',
    of: 'incremental',
    tampering: {
      at: { command: 'blockdev-backup' },
      act: 'edit',
      set: { 'arguments.sync': 'full' },
      unset: ['arguments.bitmap', 'arguments.bitmap-mode'],
    },
  },
  {
    rule: 'integrity/backup',
    says: 'the bitmap of a backup that was cancelled is cleared behind our back before the next',
    of: 'secondTry',
    tampering: {
      at: status('null'),
      act: 'send',
      execute: 'block-dirty-bitmap-clear',
      arguments: { node: 'src', name: 'bm0' },
    },
  },
  {
    rule: 'integrity/mirror-none',
    says: 'a mirror of what is written from now on copies everything',
    of: 'fromNowOn',
    tampering: { at: { command: 'blockdev-mirror' }, act: 'edit', set: { 'arguments.sync': 'full' } },
  },
  {
    rule: 'integrity/backup',
    says: 'a backup of what is overwritten from now on copies everything',
    of: 'saved',
    tampering: { at: { command: 'blockdev-backup' }, act: 'edit', set: { 'arguments.sync': 'full' } },
    also: ['claim/reply'],
  },
  {
    rule: 'integrity/backing-name',
    says: 'a stream is not told the name of the backing file',
    of: 'namedBacking',
    tampering: { at: { command: 'block-stream' }, act: 'edit', unset: ['arguments.backing-file'] },
  },
  {
    rule: 'integrity/backing-format',
    says: 'the header is written again behind our back: change-backing-file gives the format of the image itself',
    of: 'rawBacking',
    tampering: {
      at: status('null'),
      act: 'send',
      execute: 'change-backing-file',
      arguments: { device: 'top', 'image-node-name': 'top', 'backing-file': 'base.raw' },
    },
  },
  {
    rule: 'integrity/compressed',
    says: 'a backup is not told to compress',
    of: 'compressing',
    tampering: { at: { command: 'blockdev-backup' }, act: 'edit', unset: ['arguments.compress'] },
  },
  {
    rule: 'integrity/discarded',
    says: 'a backup is not told to discard what it has copied',
    of: 'givenUp',
    onSeries: '10.0',
    tampering: { at: { command: 'blockdev-backup' }, act: 'edit', unset: ['arguments.discard-source'] },
  },
  {
    rule: 'integrity/bitmap-uncopied',
    says: 'the bitmap of a backup that was cancelled is cleared behind our back',
    of: 'alwaysSynced',
    tampering: {
      at: status('null'),
      act: 'send',
      execute: 'block-dirty-bitmap-clear',
      arguments: { node: 'src', name: 'bm0' },
    },
  },
  {
    rule: 'integrity/bitmap-stored',
    says: 'a bitmap is added as one that is not persistent on its way',
    of: 'keptBitmaps',
    tampering: {
      at: { command: 'block-dirty-bitmap-add', args: { name: 'bm0' } },
      act: 'edit',
      set: { 'arguments.persistent': false },
    },
  },
  {
    rule: 'integrity/bitmap-stored',
    says: 'a bitmap is disabled instead of removed',
    of: 'keptBitmaps',
    tampering: {
      at: { command: 'block-dirty-bitmap-remove', args: { name: 'bm1' } },
      act: 'edit',
      set: { execute: 'block-dirty-bitmap-disable' },
    },
  },
  {
    rule: 'integrity/bitmap-covers',
    says: 'a bitmap is cleared behind our back before its image is closed',
    of: 'keptBitmaps',
    tampering: {
      at: { event: 'BLOCK_EXPORT_DELETED' },
      nth: 2,
      act: 'send',
      execute: 'block-dirty-bitmap-clear',
      arguments: { node: 'src', name: 'bm0' },
    },
  },
  {
    rule: 'integrity/snapshot-access',
    says: 'whoever reads the past gets what the filter has kept alone',
    of: 'fleeced',
    tampering: {
      at: { command: 'block-export-add', args: { 'node-name': 'past' } },
      act: 'edit',
      set: { 'arguments.node-name': 'dst' },
    },
  },
  {
    rule: 'integrity/snapshot-kept',
    says: 'whoever reads the past gets errors',
    of: 'fleeced',
    tampering: [
      {
        at: { command: 'block-export-add', args: { 'node-name': 'past' } },
        act: 'edit',
        set: { 'arguments.node-name': 'bad' },
      },
      {
        at: { command: 'block-export-add', args: { 'node-name': 'past' } },
        act: 'add',
        messages: [
          {
            execute: 'blockdev-add',
            id: 'tamper-bad',
            arguments: {
              driver: 'blkdebug',
              'node-name': 'bad',
              image: 'past',
              'inject-error': [{ event: 'none', iotype: 'read', errno: 5 }],
            },
          },
        ],
      },
    ],
  },
  {
    rule: 'integrity/snapshot-kept',
    says: 'one sector of the past gives an error',
    of: 'fleeced',
    tampering: [
      {
        at: { command: 'block-export-add', args: { 'node-name': 'past' } },
        act: 'edit',
        set: { 'arguments.node-name': 'bad' },
      },
      {
        at: { command: 'block-export-add', args: { 'node-name': 'past' } },
        act: 'add',
        messages: [
          {
            execute: 'blockdev-add',
            id: 'tamper-bad',
            arguments: {
              driver: 'blkdebug',
              'node-name': 'bad',
              image: 'past',
              'inject-error': [{ event: 'none', iotype: 'read', sector: 1500, errno: 5 }],
            },
          },
        ],
      },
    ],
  },
  {
    rule: 'graph/active-after-cont',
    says: 'after migrate and cont a node is shown as inactive',
    of: 'migrated',
    onSeries: '10.0',
    flavour: 'system',
    tampering: {
      at: { reply: 'query-named-block-nodes' },
      act: 'edit',
      set: { 'return.0.active': false },
    },
  },
  {
    rule: 'integrity/sparse-copy',
    says: 'a QEMU that fills sparse targets is taken for one that does not',
    of: 'sparse',
    tampering: [],
    takenFor: '11.1.0',
  },
  {
    rule: 'integrity/commit-zeroes',
    says: 'a QEMU that writes zeroes out is taken for one that does not',
    of: 'zeroesCommitted',
    tampering: [],
    takenFor: '11.1.0',
  },
  {
    rule: 'graph/filter-size',
    says: 'a filter is shown larger than its disk',
    of: 'filtered',
    tampering: {
      at: { reply: 'query-named-block-nodes' },
      act: 'edit',
      set: { 'return.0.image.virtual-size': 2 ** 22 },
    },
  },
];
