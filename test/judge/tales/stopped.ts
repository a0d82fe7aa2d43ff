import type { Disk, Errno, Inject } from '../../../src/sequence/arena.ts';
import { about, type Tale, type Told } from '../tale.ts';

const started = `
  > backup j0 on-source-error=stop auto-dismiss=false
  ! j0 created running
  < ok`;
const stopped = `${started}
  ! ERROR j0 read stop
  ! j0 paused`;
const paused = `${started}
  > job-pause j0
  < ok
  ! j0 paused`;
const resumed = `
  > job-resume j0
  < ok
  ! j0 running`;
const failed = `
  > backup j0 auto-dismiss=false
  ! j0 created running
  < ok
  ! ERROR j0 read report
  ! j0 aborting
  ! COMPLETED j0 1/100 error=EIO
  ! j0 concluded`;
const readyBlocking = `
  > mirror j0 copy-mode=write-blocking on-target-error=ignore
  ! j0 created running
  < ok
  ! j0 ready
  ! READY j0 100/100`;
const cancelled = `${started}
  > job-cancel j0
  < ok
  ! j0 aborting
  ! CANCELLED j0 1/100
  ! j0 concluded`;
const done = `
  ! j0 waiting pending
  ! COMPLETED j0 100/100
  ! j0 concluded`;
const readyAndStopped = `
  > mirror j0 on-target-error=stop auto-finalize=false
  ! j0 created running
  < ok
  ! j0 ready
  ! READY j0 100/100
  > job-complete j0
  < ok
  ! ERROR j0 write stop`;
const failing = (...errnos: Errno[]): Disk => ({
  name: 'src',
  format: 'qcow2',
  sizeBytes: 2 ** 20,
  layers: [{ blkdebug: errnos.map((errno) => ({ event: 'read_aio', errno })) }],
});
/** Nobody has resumed it by then. */
const failsWhereItStopped = ({ once }: Pick<Inject, 'once'>, meanwhile = ''): Told => ({
  arena: {
    disks: [
      {
        ...failing(),
        layers: [{ blkdebug: [{ event: 'read_aio', errno: 'EIO', ...(once ? { once } : {}) }] }],
      },
      { name: 'dst', format: 'raw', sizeBytes: 2 ** 20 },
    ],
  },
  story: `
    > mirror j0 on-source-error=stop
    ! j0 created running
    < ok
    ! ERROR j0 read stop
    ${meanwhile}
    ! j0 aborting
    ! COMPLETED j0 50/100 error="Input/output error"
    ! j0 concluded null`,
});
/** An error in an iothread is told of before the job is stopped. */
const inIothread = { arena: { disks: [], iothreads: ['io0'] } };

/** Jobs that stand on an error or at their user's wish, or are over: what queries say of it, and what comes after. */
export const stoppedTales: readonly Tale[] = [
  ...about('state/io-status', {
    broken: {
      'it is failed, though no error stopped the job': `${started}
        > query-block-jobs
        < jobs j0 running 50/100 io-status=failed`,
      'it is ok while an error holds the job': `${stopped}
        > query-block-jobs
        < jobs j0 paused 50/100 io-status=ok`,
      'it is nospace still, though the job was resumed': `${stopped}${resumed}
        > query-block-jobs
        < jobs j0 running 50/100 io-status=nospace`,
      'it is nospace after an error of another kind': {
        story: `${stopped}
        > query-block-jobs
        < jobs j0 paused 50/100 io-status=nospace`,
        arena: { disks: [failing('EIO')] },
      },
      'it is failed, though there was no space': {
        story: `${stopped}
        > query-block-jobs
        < jobs j0 paused 50/100 io-status=failed`,
        arena: { disks: [failing('ENOSPC')] },
      },
      'it is failed, though the policy stops for lack of space alone': {
        story: `${stopped.replace('error=stop', 'error=enospc')}
        > query-block-jobs
        < jobs j0 paused 50/100 io-status=failed`,
        arena: { disks: [failing('ENOSPC', 'EIO')] },
      },
    },
    kept: {
      'it is nospace after a lack of space': {
        story: `${stopped}
        > query-block-jobs
        < jobs j0 paused 50/100 io-status=nospace`,
        arena: { disks: [failing('ENOSPC')] },
      },
      'it is failed after another error': {
        story: `${stopped}
        > query-block-jobs
        < jobs j0 paused 50/100 io-status=failed`,
        arena: { disks: [failing('EIO')] },
      },
      'either error may have stopped it': {
        story: `${stopped}
        > query-block-jobs
        < jobs j0 paused 50/100 io-status=failed`,
        arena: { disks: [failing('ENOSPC', 'EIO')] },
      },
      'nobody knows what has stopped it': `${stopped}
        > query-block-jobs
        < jobs j0 paused 50/100 io-status=nospace`,
      'it is ok after the resume': `${stopped}${resumed}
        > query-block-jobs
        < jobs j0 running 50/100 io-status=ok`,
      'the same again, after the resume': `${stopped}${resumed}
        ! ERROR j0 read stop
        ! j0 paused
        > query-block-jobs
        < jobs j0 paused 50/100 io-status=failed`,
      'the error comes while the query is handled': `${started}
        > query-block-jobs
        ! ERROR j0 read stop
        ! j0 paused
        < jobs j0 running 50/100 io-status=ok`,
      'it is ok in the moment after an error in an iothread': {
        story: `${stopped}
        > query-block-jobs
        < jobs j0 paused 50/100 io-status=ok`,
        ...inIothread,
      },
    },
  }),
  ...about('state/query-paused', {
    broken: {
      'a job that its user has paused is shown as not paused': `${paused}
        > query-block-jobs
        < jobs j0 paused 50/100 paused=false`,
      'a job that an error has stopped is shown as not paused': `${stopped}
        > query-block-jobs
        < jobs j0 paused 50/100 paused=false io-status=failed`,
    },
    kept: {
      'a pause that has not come into force': `${started}
        > job-pause j0
        < ok
        > query-block-jobs
        < jobs j0 running 50/100 paused=true
        ! j0 paused`,
      'the resume was accepted, and the job has not gone on yet': `${paused}
        > job-resume j0
        < ok
        > query-block-jobs
        < jobs j0 paused 50/100 paused=false
        ! j0 running`,
      'a job that is cancelled is woken': `${paused}
        > job-cancel j0
        < ok
        > query-block-jobs
        < jobs j0 paused 50/100 paused=false
        ! j0 running aborting
        ! CANCELLED j0 50/100
        ! j0 concluded`,
    },
  }),
  ...about('state/query-error', {
    broken: {
      'a job that failed is shown without an error': `${failed}
        > query-jobs
        < jobs j0 concluded 1/100`,
      'a job that is done is shown with one': `${started}${done}
        > query-jobs
        < jobs j0 concluded 100/100 error=EIO`,
      'a job that was cancelled is shown without an error': `${cancelled}
        > query-jobs
        < jobs j0 concluded 1/100`,
    },
    kept: {
      'the error of the event is the one of the query': `${failed}
        > query-jobs
        < jobs j0 concluded 1/100 error=EIO`,
      'the words are others': `${failed}
        > query-jobs
        < jobs j0 concluded 1/100 error="Source and target image have different sizes"`,
      'a job that is cancelled has an error that no event names': `${cancelled}
        > query-jobs
        < jobs j0 concluded 1/100 error=ECANCELED`,
    },
  }),
  ...about('state/error-stops', {
    broken: {
      'a backup is done, and nobody resumed it': `${started}
        ! ERROR j0 read stop${done}`,
      'a mirror gets ready, and nobody resumed it': `
        > mirror j0 on-target-error=stop
        ! j0 created running
        < ok
        ! ERROR j0 write stop
        ! j0 paused running ready
        ! READY j0 100/100`,
      'a mirror fails with the error, which came once': failsWhereItStopped({ once: true }),
      'a mirror is done that was ready before, and nobody resumed it': `${readyAndStopped}
        ! j0 waiting pending`,
      'it was resumed from one error, and not from the next': `${stopped}${resumed}
        ! ERROR j0 read stop${done}`,
    },
    kept: {
      'the error may have come once more, where nothing is told': failsWhereItStopped({}),
      'it is cancelled meanwhile': failsWhereItStopped({ once: true }, '> job-cancel j0\n< ok'),
      'it was cancelled without force before it was stopped': `${readyAndStopped.replace(
        '! ERROR',
        `> block-job-cancel j0
        < ok
        ! ERROR`,
      )}
        ! j0 waiting pending`,
      'the resume is under way': `${stopped}
        > job-resume j0
        ! j0 running${done}
        < ok`,
      'a mirror that was ready before': `
        > mirror j0 on-target-error=stop
        ! j0 created running
        < ok
        ! j0 ready
        ! READY j0 100/100
        ! ERROR j0 write stop
        ! j0 standby ready`,
    },
  }),
  ...about('state/reported-error-fails', {
    broken: {
      'a backup reports an error and completes': `
        > backup j0
        ! j0 created running
        < ok
        ! ERROR j0 read report
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null`,
    },
    kept: {
      'it completes with the error': failed,
      'it was cancelled meanwhile': `
        > backup j0
        ! j0 created running
        < ok
        ! ERROR j0 read report
        > job-cancel j0
        < ok
        ! j0 aborting
        ! CANCELLED j0 1/100
        ! j0 concluded null`,
    },
  }),
  ...about('state/reported-error-ends', {
    broken: {
      'a mirror reports an error and gets ready': `
        > mirror j0
        ! j0 created running
        < ok
        ! ERROR j0 write report
        ! j0 ready
        ! READY j0 100/100`,
    },
    kept: {
      'it was ready before': `
        > mirror j0
        ! j0 created running
        < ok
        ! j0 ready
        ! READY j0 100/100
        ! ERROR j0 write report
        ! j0 aborting
        ! COMPLETED j0 100/200 error=EIO
        ! j0 concluded null`,
      'the guest writes to the target itself': `
        > mirror j0 copy-mode=write-blocking
        ! j0 created running
        < ok
        ! ERROR j0 write report
        ! j0 ready
        ! READY j0 100/100`,
      'it has ignored it': `
        > mirror j0 on-target-error=ignore
        ! j0 created running
        < ok
        ! ERROR j0 write ignore
        ! j0 ready
        ! READY j0 100/100`,
    },
  }),
  ...about('state/ignored-error-of-stream', {
    broken: {
      'a stream completes as if nothing had been': `
        > stream j0 on-error=ignore
        ! j0 created running
        < ok
        ! ERROR j0 read ignore
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null`,
    },
    kept: {
      'it completes with the error': `
        > stream j0 on-error=ignore
        ! j0 created running
        < ok
        ! ERROR j0 read ignore
        ! j0 aborting
        ! COMPLETED j0 100/100 error=EIO
        ! j0 concluded null`,
      'a backup tries again, and completes': `
        > backup j0 on-source-error=ignore
        ! j0 created running
        < ok
        ! ERROR j0 read ignore
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null`,
    },
  }),
  ...about('state/completed-at-len', {
    broken: {
      'a backup completes in the middle': `${started}
        ! j0 waiting pending
        ! COMPLETED j0 99/100
        ! j0 concluded`,
      'a mirror is completed before all that the guest has written is copied': `
        > mirror j0
        ! j0 created running
        < ok
        ! j0 ready
        ! READY j0 100/100
        ~ guest-begin request=0 disk=src via=nbd
        > job-complete j0
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/200
        ! j0 concluded null`,
    },
    kept: {
      'a backup that failed came as far as it came': failed,
      'a mirror is cancelled softly while the guest writes': `
        > mirror j0
        ! j0 created running
        < ok
        ! j0 ready
        ! READY j0 100/100
        ~ guest-begin request=0 disk=src via=nbd
        > block-job-cancel j0
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/200
        ! j0 concluded null`,
    },
  }),
  ...about('state/actively-synced', {
    broken: {
      'a write-blocking mirror that is READY is shown as not synced': {
        story: `${readyBlocking}
        > query-block-jobs
        < [{"device":"j0","actively-synced":false}]`,
        version: '10.0.13',
      },
    },
    kept: {
      'it is shown so': {
        story: `${readyBlocking}
        > query-block-jobs
        < [{"device":"j0","actively-synced":true}]`,
        version: '10.0.13',
      },
      'it has met an error': {
        story: `${readyBlocking}
        ! ERROR j0 write ignore
        > query-block-jobs
        < [{"device":"j0","actively-synced":false}]`,
        version: '10.0.13',
      },
      'it became READY while it was asked': {
        story: `
        > mirror j0 copy-mode=write-blocking
        ! j0 created running
        < ok
        > query-block-jobs
        ! j0 ready
        ! READY j0 100/100
        < [{"device":"j0","actively-synced":false}]`,
        version: '10.0.13',
      },
      'a request of the guest was under way when it became READY': {
        story: `
        > mirror j0 copy-mode=write-blocking
        ! j0 created running
        < ok
        * 1 write src 0+512
        ! j0 ready
        ! READY j0 100/100
        * 1 ok
        > query-block-jobs
        < [{"device":"j0","actively-synced":false}]`,
        version: '10.0.13',
      },
      'it copies behind the guest': {
        story: `
        > mirror j0
        ! j0 created running
        < ok
        ! j0 ready
        ! READY j0 100/100
        > query-block-jobs
        < [{"device":"j0","actively-synced":false}]`,
        version: '10.0.13',
      },
    },
  }),
];
