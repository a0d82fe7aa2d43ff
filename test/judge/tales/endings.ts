import { about, type Tale } from '../tale.ts';

const runningMirror = `
  > mirror j0 speed=1
  ! j0 created running
  < ok`;
const readyMirror = `
  > mirror j0
  ! j0 created running
  < ok
  ! j0 ready
  ! READY j0 100/100`;
const runningBackup = `
  > backup j0 speed=1
  ! j0 created running paused running
  < ok`;
const completes = `
  ! j0 waiting pending
  ! COMPLETED j0 100/100
  ! j0 concluded null`;
const isCancelled = `
  ! j0 aborting
  ! CANCELLED j0 100/100
  ! j0 concluded null`;
/** The same from a backup, whose speed was given. */
const slowly = (ending: string): string => ending.replace('100/100', '100/100 speed=1');

const exported = `
  > block-export-add id=e type=nbd node-name=src name=src
  < ok`;
const failsAtTheEnd = `
  > job-complete j0
  < ok
  ! j0 waiting pending aborting
  ! COMPLETED j0 100/100 error=EPERM
  ! j0 concluded null`;
const standsOn = (node: string): string => `
  > query-block-exports
  < [{"id":"e","type":"nbd","node-name":"${node}","shutting-down":false}]`;

/** How jobs end, against what was asked of them. */
export const endingTales: readonly Tale[] = [
  ...about('state/failed-stays', {
    broken: {
      'a mirror fails when it is completed, and the guest is on its target': `${exported}${readyMirror}${failsAtTheEnd}${standsOn('dst')}`,
      'a mirror is cancelled, and the guest is on its target': `${exported}${runningMirror}
        > job-cancel j0
        < ok${slowly(isCancelled)}${standsOn('dst')}`,
    },
    kept: {
      'the guest is where it was': `${exported}${readyMirror}${failsAtTheEnd}${standsOn('src')}`,
      'the mirror was completed': `${exported}${readyMirror}
        > job-complete j0
        < ok${completes}${standsOn('dst')}`,
      'the export is asked for before all is over': `${exported}${readyMirror}
        > job-complete j0
        < ok
        > query-block-exports
        ! j0 waiting pending aborting
        ! COMPLETED j0 100/100 error=EPERM
        ! j0 concluded null
        < [{"id":"e","type":"nbd","node-name":"#block7","shutting-down":false}]`,
      'a snapshot has put an overlay on top since': `${exported}${readyMirror}${failsAtTheEnd}
        > blockdev-snapshot node=src overlay=top
        < ok${standsOn('top')}`,
      'a mirror before it was completed': `${exported}${readyMirror}
        > job-complete j0
        < ok${completes}${runningMirror}
        > job-cancel j0
        < ok${slowly(isCancelled)}${standsOn('dst')}`,
    },
  }),
  ...about('state/cancelled-unprovoked', {
    broken: {
      'a running mirror is cancelled, and nobody asked': `${runningMirror}${slowly(isCancelled)}`,
      'the cancel was refused, and the job is cancelled all the same': `${runningMirror}
        > job-pause j0
        ! j0 paused
        < ok
        > block-job-cancel j0
        < GenericError: The block job for device 'j0' is currently paused
        ! j0 running${slowly(isCancelled)}`,
      'the cancel was for a job that had the id before': `${runningMirror}
        > job-cancel j0
        < ok${slowly(isCancelled)}
        ${runningMirror}${slowly(isCancelled)}`,
    },
    kept: {
      'the cancel is not answered yet': `${runningBackup}
        > job-cancel j0${slowly(isCancelled)}
        < ok`,
      'another job of the group was cancelled': `
        > transaction grouped j0 j1
        ! j0 created
        ! j1 created running
        ! j0 running
        < ok
        ! j0 waiting
        > job-cancel j1
        ! j1 aborting
        ! CANCELLED j1 1/100
        ! j1 concluded null
        ! j0 aborting
        ! CANCELLED j0 100/100
        ! j0 concluded null
        < ok`,
      'QEMU was asked to quit': `${runningMirror}
        > quit
        ! SHUTDOWN guest=false reason=host-qmp-quit
        ! j0 paused running${slowly(isCancelled)}
        < ok`,
      'raw bytes were sent, which may have held a cancel': `${runningMirror}
        ~ raw-sent text="x" sizeBytes=1${slowly(isCancelled)}`,
    },
  }),
  ...about('state/failure-named', {
    broken: {
      'a job aborts and then says that it completed': `${runningBackup}
        ! j0 aborting
        ! COMPLETED j0 1/100 speed=1
        ! j0 concluded null`,
      'a job completes with an error that it did not abort for': `${runningBackup}
        ! j0 waiting pending
        ! COMPLETED j0 1/100 speed=1 error="Input/output error"
        ! j0 concluded null`,
    },
    kept: {
      'a job fails, aborts and names the error': `${runningBackup}
        ! ERROR j0 read report
        ! j0 aborting
        ! COMPLETED j0 1/100 speed=1 error="Input/output error"
        ! j0 concluded null`,
    },
  }),
  ...about('state/completed-unasked', {
    broken: {
      'a READY mirror completes, and nobody asked': `${readyMirror}${completes}`,
      'complete was refused before READY, and the mirror completes all the same': `
        > mirror j0
        ! j0 created running
        < ok
        > job-complete j0
        < GenericError: Job 'j0' in state 'running' cannot accept command verb 'complete'
        ! j0 ready
        ! READY j0 100/100${completes}`,
    },
    kept: {
      'complete is not answered yet': `${readyMirror}
        > job-complete j0${completes}
        < ok`,
      'complete was accepted on standby, and takes effect after resume': `${readyMirror}
        > job-pause j0
        ! j0 standby
        < ok
        > job-complete j0
        < ok
        > job-resume j0
        ! j0 ready
        < ok${completes}`,
      '5.2 completes READY jobs when it quits': {
        version: '5.2.0',
        story: `${readyMirror}
        > quit
        < ok
        ! SHUTDOWN guest=false reason=host-qmp-quit${completes}`,
      },
      'a commit of a lower layer is never ready and completes by itself': `
        > commit j0
        ! j0 created running
        < ok${completes}`,
    },
  }),
  ...about('state/forced-cancel-cancels', {
    broken: {
      'job-cancel of a READY mirror completes it': `${readyMirror}
        > job-cancel j0
        < ok${completes}`,
      'block-job-cancel by force of a running backup completes it': `${runningBackup}
        > block-job-cancel j0 force=true
        < ok${slowly(completes)}`,
      'two forced cancels of a READY mirror complete it': `${readyMirror}
        > job-cancel j0
        < ok
        > block-job-cancel j0 force=true
        < ok${completes}`,
    },
    kept: {
      'when it was handled the id was another job’s': `
        > backup j0
        > mirror j0
        > job-cancel j0
        ! j0 created running waiting pending
        ! COMPLETED j0 100/100 type=backup
        ! j0 concluded null
        < ok
        ! j0 created running ready
        ! READY j0 100/100
        < ok
        < ok${isCancelled}`,
      '5.2 may complete a READY mirror cancelled by force': {
        version: '5.2.0',
        story: `${readyMirror}
        > job-cancel j0
        < ok${completes}`,
      },
      'the job began to finish while the cancel was handled': `${runningBackup}
        > job-cancel j0
        ! j0 waiting
        < ok
        ! j0 pending
        ! COMPLETED j0 100/100 speed=1
        ! j0 concluded null`,
      'complete had been accepted before the cancel': `${readyMirror}
        > job-complete j0
        < ok
        > job-cancel j0
        < ok${completes}`,
      'the job fails before the cancel reaches it': `${runningBackup}
        > job-cancel j0
        < ok
        ! ERROR j0 read report
        ! j0 aborting
        ! COMPLETED j0 1/100 speed=1 error="Input/output error"
        ! j0 concluded null`,
    },
  }),
  ...about('state/soft-cancel-completes', {
    broken: {
      'a READY mirror cancelled softly is CANCELLED': `${readyMirror}
        > block-job-cancel j0
        < ok${isCancelled}`,
    },
    kept: {
      'a soft cancel races READY and finds the job running': `
        > mirror j0
        ! j0 created running
        < ok
        > block-job-cancel j0
        ! j0 ready
        ! READY j0 100/100
        < ok${isCancelled}`,
      'a soft cancel races READY and finds the job ready': `
        > mirror j0
        ! j0 created running
        < ok
        > block-job-cancel j0
        ! j0 ready
        ! READY j0 100/100
        < ok${completes}`,
      'what is left to be copied can not be read': {
        version: '5.2.0',
        story: `
        > mirror j0 on-source-error=stop
        ! j0 created running
        < ok
        ! j0 ready
        ! READY j0 100/100
        > block-job-cancel j0
        < ok
        ! ERROR j0 read stop${isCancelled}`,
      },
      'a forced cancel follows the soft one': `${readyMirror}
        > block-job-cancel j0
        < ok
        > job-cancel j0
        < ok${isCancelled}`,
      'a soft cancel of a job that waits to be finalized aborts it': `
        > mirror j0 auto-finalize=false
        ! j0 created running
        < ok
        ! j0 ready
        ! READY j0 100/100
        > job-complete j0
        < ok
        ! j0 waiting pending
        ! PENDING j0
        > block-job-cancel j0${isCancelled}
        < ok`,
    },
  }),
  ...about('state/early-cancel-cancels', {
    broken: {
      'a backup that is cancelled while it runs completes': `${runningBackup}
        > block-job-cancel j0
        < ok${slowly(completes)}`,
      'a mirror that is cancelled before it is ready completes': `${runningMirror}
        > block-job-cancel j0
        < ok
        ! j0 ready
        ! READY j0 100/100 speed=1${slowly(completes)}`,
    },
    kept: {
      'the backup is done while the cancel is handled': `${runningBackup}
        > block-job-cancel j0
        ! j0 waiting pending
        < ok
        ! COMPLETED j0 100/100 speed=1
        ! j0 concluded null`,
      '5.2 lets a mirror complete that is cancelled close to READY': {
        version: '5.2.0',
        story: `${runningMirror}
        > block-job-cancel j0
        < ok
        ! j0 ready
        ! READY j0 100/100 speed=1${slowly(completes)}`,
      },
    },
  }),
];
