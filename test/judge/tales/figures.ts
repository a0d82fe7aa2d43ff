import { about, type Tale } from '../tale.ts';

const runningMirror = `
  > mirror j0 speed=1
  ! j0 created running
  < ok`;
const start = `
  > mirror j0
  ! j0 created running
  < ok`;
const stopped = `
  > mirror j0 on-source-error=stop
  ! j0 created running
  < ok
  ! ERROR j0 read stop
  ! j0 paused`;

/** What queries and events show of a job. */
export const figureTales: readonly Tale[] = [
  ...about('state/query-lists-jobs', {
    broken: {
      'a query shows a job that nobody started': `
        > query-block-jobs
        < jobs j9 running 0/100`,
      'a query shows a job that is null': `
        > backup j0
        ! j0 created running
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null
        > query-block-jobs
        < jobs j0 concluded 100/100`,
      'query-block-jobs leaves a running job out': `${start}
        > query-block-jobs
        < jobs`,
      'query-jobs leaves a running job out': `${start}
        > query-jobs
        < jobs`,
    },
    kept: {
      'the job ends while the query is handled, and is not shown': `${start}
        > query-block-jobs
        ! j0 ready
        ! READY j0 100/100
        > job-complete j0
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null
        < jobs`,
      'the job ends while the query is handled, and is shown': `
        > backup j0
        ! j0 created running
        < ok
        > query-block-jobs
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null
        < jobs j0 running 50/100`,
      'a job with auto-dismiss false is shown when it is concluded': `
        > backup j0 auto-dismiss=false
        ! j0 created running
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded
        > query-block-jobs
        < jobs j0 concluded 100/100 auto-dismiss=false`,
      'query-block-jobs does not show the job of a blockdev-create': `
        > blockdev-create job-id=c0
        ! c0 created running waiting pending concluded
        < ok
        > query-block-jobs
        < jobs`,
    },
  }),
  ...about('state/query-agrees', {
    broken: {
      'a running job is shown as paused': `${start}
        > query-block-jobs
        < jobs j0 paused 50/100`,
      'a running job is shown as ready': `${start}
        > query-block-jobs
        < jobs j0 running 50/100 ready=true`,
      'a job with auto-dismiss false is shown with true': `
        > mirror j0 auto-dismiss=false
        ! j0 created running
        < ok
        > query-block-jobs
        < jobs j0 running 50/100 auto-dismiss=true`,
      'auto-finalize is shown as false, though it is true when nothing is said': `${start}
        > query-block-jobs
        < jobs j0 running 50/100 auto-finalize=false`,
    },
    kept: {
      'the status changes while the query is handled': `${start}
        > query-block-jobs
        ! j0 ready
        ! READY j0 100/100
        < jobs j0 running 50/100`,
      'the query waits behind a slow command, and shows what was true when that was answered': `${start}
        > blockdev-add
        > query-block-jobs
        ! j0 ready
        ! READY j0 100/100
        < ok
        ! j0 standby ready
        < jobs j0 standby 100/100`,
    },
  }),
  ...about('state/progress-bounds', {
    broken: {
      'offset is past len': `${start}
        > query-block-jobs
        < jobs j0 running 101/100`,
      'offset is negative': `${start}
        > query-block-jobs
        < jobs j0 running -1/100`,
    },
    kept: {
      'the guest writes, and the mirror has not yet looked at how much that is': `${start}
        ~ guest-begin request=0 disk=src via=nbd
        > query-block-jobs
        < jobs j0 running 101/100`,
      'a mirror is cancelled before it has looked again at what is dirty': `${start}
        > job-cancel j0
        < ok
        ! j0 aborting
        ! CANCELLED j0 101/100`,
      'an empty disk: 0 of 0': `${start}
        ! j0 ready
        ! READY j0 0/0`,
    },
  }),
  ...about('state/len-kept', {
    broken: {
      'a backup that is cancelled says for its len how far it came': `
        > backup j0
        ! j0 created running
        < ok
        > query-block-jobs
        < jobs j0 running 65536/1048576
        > block-job-cancel j0
        < ok
        ! j0 aborting
        ! CANCELLED j0 65536/65536`,
      'a mirror that nobody writes to has a lesser len in each query': `${start}
        > query-block-jobs
        < jobs j0 running 0/1048576
        > query-jobs
        < [{"id": "j0", "status": "running", "current-progress": 0, "total-progress": 524288}]`,
      'an action of a transaction': `
        > transaction grouped j0 j1
        ! j0 created
        ! j1 created running
        ! j0 running
        < ok
        > query-block-jobs
        < jobs j0 running 0/1048576 | j1 running 0/1048576
        > block-job-cancel j0
        < ok
        ! j0 aborting
        ! CANCELLED j0 0/0`,
    },
    kept: {
      'the tail counted as a whole cluster': `${start}
        > query-block-jobs
        < jobs j0 running 0/1048576
        ! j0 ready
        ! READY j0 983552/983552`,
      'a backup with sync=top finds out what is not allocated': `
        > backup j0 sync=top
        ! j0 created running
        < ok
        > query-block-jobs
        < jobs j0 running 65536/1048576
        > block-job-cancel j0
        < ok
        ! j0 aborting
        ! CANCELLED j0 65536/65536`,
      'someone writes to the source of a mirror': `${start}
        ~ guest-begin request=0 disk=src via=nbd
        > query-block-jobs
        < jobs j0 running 0/1048576
        ! j0 ready
        ! READY j0 65536/65536`,
      'a query read its figures before an event that comes before its reply': `
        > backup j0
        ! j0 created running
        < ok
        > query-block-jobs
        ! j0 aborting
        ! COMPLETED j0 65536/1048576 error="x"
        < jobs j0 running 0/0`,
    },
  }),
  ...about('state/progress-grows', {
    broken: {
      'offset goes back': `${start}
        > query-block-jobs
        < jobs j0 running 50/100
        > query-block-jobs
        < jobs j0 running 49/100`,
      'an event is behind what a query showed': `${start}
        > query-block-jobs
        < jobs j0 running 50/100
        ! j0 ready
        ! READY j0 49/49`,
    },
    kept: {
      'len shrinks, being an estimate': `${start}
        > query-block-jobs
        < jobs j0 running 50/100
        > query-jobs
        < [{"id": "j0", "status": "running", "current-progress": 50, "total-progress": 99}]`,
      'a query read its figures before an event that comes before its reply': `${start}
        > query-block-jobs
        ! j0 ready
        ! READY j0 100/100
        < jobs j0 running 50/100`,
      'both grow while the guest writes': `${start}
        ! j0 ready
        ! READY j0 100/100
        ~ guest-begin request=0 disk=src via=nbd
        > query-block-jobs
        < jobs j0 ready 100/150`,
      'the next job of that id starts from nothing': `
        > backup j0
        ! j0 created running
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null
        > backup j0
        ! j0 created running
        < ok
        > query-block-jobs
        < jobs j0 running 0/100`,
    },
  }),
  ...about('state/event-fields', {
    broken: {
      'a mirror says that it is a backup': `${start}
        ! j0 ready
        ! READY j0 100/100 type=backup`,
      'the speed is another than the job was started with': `${runningMirror}
        ! j0 ready
        ! READY j0 100/100 speed=0`,
      'the speed is that before the last set-speed': `${runningMirror}
        > block-job-set-speed j0 speed=5
        < ok
        ! j0 ready
        ! READY j0 100/100 speed=1`,
      'the speed is one that was refused': `${runningMirror}
        > block-job-set-speed j0 speed=-1
        < GenericError: Parameter 'speed' expects a non-negative value
        ! j0 ready
        ! READY j0 100/100 speed=-1`,
    },
    kept: {
      'raw bytes may have held a set-speed': `${runningMirror}
        ~ raw-sent text="x" sizeBytes=1
        > job-cancel j0
        < ok
        ! j0 aborting
        ! CANCELLED j0 1/100 speed=5
        ! j0 concluded null`,
      'set-speed is not answered, and the new speed shows already': `${runningMirror}
        > block-job-set-speed j0 speed=5
        ! j0 ready
        ! READY j0 100/100 speed=5
        < ok`,
      'set-speed is not answered, and the old speed still shows': `${runningMirror}
        > block-job-set-speed j0 speed=5
        ! j0 ready
        ! READY j0 100/100 speed=1
        < ok`,
      'the job of that id before had another speed': `
        > backup j0 speed=7
        ! j0 created running
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100 speed=7
        ! j0 concluded null
        > backup j0
        ! j0 created running
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100 speed=0
        ! j0 concluded null`,
    },
  }),
  ...about('state/ready-at-len', {
    broken: {
      'READY comes before everything is copied': `${start}
        ! j0 ready
        ! READY j0 99/100`,
    },
    kept: {
      'the guest is writing': `${start}
        ~ guest-begin request=0 disk=src via=nbd
        ! j0 ready
        ! READY j0 99/100`,
    },
  }),
  ...about('state/error-policy', {
    broken: {
      'a read error stops the job that should report it': `${start}
        ! ERROR j0 read stop
        ! j0 paused`,
      'a write error is reported, though the policy of the target is ignore': `
        > mirror j0 on-target-error=ignore
        ! j0 created running
        < ok
        ! ERROR j0 write report
        ! j0 aborting
        ! COMPLETED j0 1/100 error="Input/output error"
        ! j0 concluded null`,
      'an error is ignored, though the policy is enospc': `
        > stream j0 on-error=enospc
        ! j0 created running
        < ok
        ! ERROR j0 read ignore`,
    },
    kept: {
      'sides have policies of their own': `
        > mirror j0 on-source-error=ignore on-target-error=stop
        ! j0 created running
        < ok
        ! ERROR j0 read ignore
        ! ERROR j0 write stop
        ! j0 paused`,
      'auto is enospc: it stops or reports': `
        > mirror j0 on-target-error=auto
        ! j0 created running
        < ok
        ! ERROR j0 write stop
        ! j0 paused running
        ! ERROR j0 write report
        ! j0 aborting
        ! COMPLETED j0 1/100 error="Input/output error"
        ! j0 concluded null`,
      'a mirror fails all its requests at once': `${stopped}
        ! ERROR j0 read stop
        ! ERROR j0 read stop`,
    },
  }),
];
