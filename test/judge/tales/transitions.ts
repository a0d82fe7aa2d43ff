import { about, type Tale } from '../tale.ts';

const readyMirror = `
  > mirror j0
  ! j0 created running
  < ok
  ! j0 ready
  ! READY j0 100/100`;

/** The order of a job's own events. */
export const transitionTales: readonly Tale[] = [
  ...about('state/transition', {
    broken: {
      'a READY job is pending without having waited': `${readyMirror}
        > job-complete j0
        < ok
        ! j0 pending
        ! COMPLETED j0 100/100
        ! j0 concluded null`,
      'a paused job gets ready without running first': `
        > mirror j0
        ! j0 created running
        < ok
        ! j0 paused ready
        ! READY j0 100/100`,
      'a job that was never created runs': '! j9 running',
      'a job is created and at once ready': `
        > mirror j0
        ! j0 created ready
        ! READY j0 0/0
        < ok`,
      'a job is created under an id that is in use': `
        > mirror j0
        ! j0 created running
        < ok
        > backup j0
        ! j0 created running
        < ok`,
      'running is announced twice': `
        > mirror j0
        ! j0 created running running
        < ok`,
    },
    kept: {
      'drains pause a job and let it run, as often as they like': `
        > backup j0
        ! j0 created running paused running
        < ok
        ! j0 paused running paused running`,
      'drains put a READY job on standby and take it back': `${readyMirror}
        ! j0 standby ready standby ready`,
      'a start with a bad speed is created, null and refused': `
        > mirror j0 speed=-1
        ! j0 created null
        < GenericError: Parameter 'speed' expects a non-negative value`,
      'pending is aborted by a cancel': `
        > backup j0 auto-finalize=false
        ! j0 created running paused running
        < ok
        ! j0 waiting pending
        ! PENDING j0
        > job-cancel j0
        ! j0 aborting
        ! CANCELLED j0 100/100
        ! j0 concluded null
        < ok`,
    },
  }),
  ...about('state/ready-announced', {
    broken: {
      'ready is not announced': `
        > mirror j0
        ! j0 created running
        < ok
        ! j0 ready standby`,
      'BLOCK_JOB_READY comes twice': `${readyMirror}
        ! READY j0 100/100`,
      'BLOCK_JOB_READY comes before the job is ready': {
        story: `
        > mirror j0
        ! j0 created running
        < ok
        ! READY j0 100/100
        ! j0 ready`,
      },
    },
    kept: {
      'a job that comes back from standby is not announced again': `${readyMirror}
        ! j0 standby ready`,
      'the trace ends between ready and its announcement': `
        > mirror j0
        ! j0 created running
        < ok
        ! j0 ready`,
      'another job and a reply come in between': `
        > mirror j0
        ! j0 created running
        < ok
        > query-jobs
        ! j0 ready
        < [{"id": "j0", "status": "ready"}]
        ! READY j0 100/100`,
    },
  }),
  ...about('state/end-announced', {
    broken: {
      'a job is concluded and nobody says how': `
        > backup j0
        ! j0 created running paused running
        < ok
        ! j0 waiting pending concluded null`,
      'both endings are announced': {
        story: `
        > backup j0
        ! j0 created running
        < ok
        > job-cancel j0
        < ok
        ! j0 aborting
        ! CANCELLED j0 1/100
        ! COMPLETED j0 1/100
        ! j0 concluded null`,
      },
      'the end is announced and then pending': `
        > backup j0
        ! j0 created running
        < ok
        ! j0 waiting
        ! COMPLETED j0 100/100
        ! j0 pending concluded null`,
      'a pending job is cancelled without aborting': `
        > backup j0 auto-finalize=false
        ! j0 created running
        < ok
        ! j0 waiting pending
        ! PENDING j0
        > job-cancel j0
        ! CANCELLED j0 100/100
        ! j0 concluded null
        < ok`,
      'a job of a failing transaction, which never ran, says that it was cancelled': {
        also: ['state/cancelled-unprovoked'],
        story: `
        > transaction individual j0 j1
        ! j0 created aborting
        ! CANCELLED j0 0/0
        ! j0 concluded null
        < GenericError: Cannot find device='nope' nor node-name='nope'`,
      },
    },
    kept: {
      'a transaction fails, and a job that never ran ends without a word': `
        > transaction individual j0 j1
        ! j0 created aborting concluded null
        < GenericError: Cannot find device='nope' nor node-name='nope'`,
      'a job of blockdev-create has no block job events': `
        > blockdev-create job-id=c0
        ! c0 created running waiting pending concluded
        < ok`,
      'the trace ends before the job is concluded': `
        > backup j0
        ! j0 created running paused running
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100`,
    },
  }),
  ...about('state/pending-announced', {
    broken: {
      'a job with auto-finalize false is pending without BLOCK_JOB_PENDING': `
        > backup j0 auto-finalize=false
        ! j0 created running
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null`,
      'a job that finalizes by itself says BLOCK_JOB_PENDING': `
        > backup j0
        ! j0 created running
        < ok
        ! j0 waiting pending
        ! PENDING j0`,
      'one of a group that finalizes by itself says BLOCK_JOB_PENDING': `
        > transaction grouped j0 j1
        ! j0 created
        ! j1 created running
        ! j0 running
        < ok
        ! j0 waiting
        ! j1 waiting pending
        ! j0 pending
        ! PENDING j0
        ! COMPLETED j1 100/100
        ! j1 concluded null
        ! COMPLETED j0 100/100
        ! j0 concluded null`,
      'BLOCK_JOB_PENDING comes while the job waits': `
        > backup j0 auto-finalize=false
        ! j0 created running
        < ok
        ! j0 waiting
        ! PENDING j0`,
    },
    kept: {
      'a job with auto-finalize false says so and waits to be finalized': `
        > backup j0 auto-finalize=false
        ! j0 created running
        < ok
        ! j0 waiting pending
        ! PENDING j0
        > job-finalize j0
        ! COMPLETED j0 100/100
        ! j0 concluded null
        < ok`,
      'jobs of a group are pending together, and those that finalize by themselves say nothing': `
        > transaction grouped j0 j1
        ! j0 created
        ! j1 created running
        ! j0 running
        < ok
        ! j1 waiting
        ! j0 waiting
        ! j1 pending
        ! j0 pending
        ! COMPLETED j1 100/100
        ! j1 concluded null
        ! COMPLETED j0 100/100
        ! j0 concluded null`,
    },
  }),
  ...about('state/nothing-after-null', {
    broken: {
      'a job that is null reports an error': `
        > backup j0
        ! j0 created running
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null
        ! ERROR j0 read report`,
      'a job is null twice': `
        > backup j0
        ! j0 created running
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null null`,
    },
    kept: {
      'its id is used again': `
        > backup j0
        ! j0 created running
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null
        > backup j0
        ! j0 created running
        < ok`,
    },
  }),
];
