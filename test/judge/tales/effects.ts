import type { Arena } from '../../../src/sequence/arena.ts';
import { about, type Tale } from '../tale.ts';

const crawls: { arena: Arena } = {
  arena: {
    disks: [{ name: 'src', format: 'raw', sizeBytes: 1024, layers: [{ throttle: { bytesPerSecond: 1 } }] }],
  },
};

const readyMirror = `
        > mirror j0
        ! j0 created running
        < ok
        ! j0 ready
        ! READY j0 100/100`;

/** What an accepted verb announces comes in bounded time, and what nothing holds gets on. */
export const effectTales: readonly Tale[] = [
  ...about('hang/pause', {
    broken: {
      'a running job is told to pause, and runs on for seconds': `
        > mirror j0 speed=1
        ! j0 created running
        < ok
        > job-pause j0
        < ok
        + 3000 ms
        > query-jobs`,
    },
    kept: {
      'it pauses after the reply': `
        > mirror j0 speed=1
        ! j0 created running
        < ok
        > job-pause j0
        < ok
        ! j0 paused
        + 3000 ms
        > query-jobs`,
      'it was resumed soon after': `
        > mirror j0 speed=1
        ! j0 created running
        < ok
        > job-pause j0
        < ok
        > job-resume j0
        < ok
        + 3000 ms
        > query-jobs`,
      'a disk of the arena is throttled': {
        ...crawls,
        story: `
        > mirror j0 speed=1
        ! j0 created running
        < ok
        > job-pause j0
        < ok
        + 3000 ms
        > query-jobs`,
      },
      '5.2 sleeps its limit off': {
        version: '5.2.0',
        story: `
        > mirror j0 speed=1
        ! j0 created running
        < ok
        > job-pause j0
        < ok
        + 3000 ms
        > query-jobs`,
      },
    },
  }),
  ...about('hang/cancel', {
    broken: {
      'a limited job is cancelled by force, and runs for seconds': `
        > backup j0 speed=1
        ! j0 created running
        < ok
        > job-cancel j0
        < ok
        + 3000 ms
        > block-job-set-speed j0 speed=0
        < ok
        ! j0 aborting
        ! CANCELLED j0 1/100
        ! j0 concluded null`,
      'a throttle was lifted before': {
        ...crawls,
        story: `
        > backup j0 speed=1
        ! j0 created running
        < ok
        ~ phase phase=settle
        > qom-set path=x property=limits value={"bps-total":0}
        < ok
        > transaction actions=[]
        < ok
        > job-cancel j0
        < ok
        + 3000 ms
        > query-jobs`,
      },
    },
    kept: {
      'it ends before the reply': `
        > backup j0 speed=1
        ! j0 created running
        < ok
        > job-cancel j0
        ! j0 aborting
        ! CANCELLED j0 1/100 speed=1
        ! j0 concluded null
        < ok
        + 3000 ms
        > query-jobs`,
      'it was told something else meanwhile': `
        > backup j0 speed=1
        ! j0 created running
        < ok
        > job-cancel j0
        < ok
        + 1000 ms
        > block-job-set-speed j0 speed=2
        < ok
        + 2500 ms
        > query-jobs`,
      'a throttle is still in force': {
        ...crawls,
        story: `
        > backup j0 speed=1
        ! j0 created running
        < ok
        > job-cancel j0
        < ok
        + 3000 ms
        > query-jobs`,
      },
      'without force it is not due at once': `
        > backup j0 speed=1
        ! j0 created running
        < ok
        > block-job-cancel j0
        < ok
        + 3000 ms
        > query-jobs`,
    },
  }),
  ...about('hang/complete', {
    broken: {
      'a READY mirror is completed, and READY seconds later': `${readyMirror}
        > job-complete j0
        < ok
        + 3000 ms
        > query-jobs`,
      'a READY mirror is cancelled without force, and READY seconds later': `${readyMirror}
        > block-job-cancel j0
        < ok
        + 3000 ms
        > query-jobs`,
    },
    kept: {
      'it ends after the reply': `${readyMirror}
        > job-complete j0
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null
        + 3000 ms
        > query-jobs`,
      'it was paused before': `${readyMirror}
        > job-pause j0
        < ok
        > job-complete j0
        < ok
        + 3000 ms
        > query-jobs`,
      'the guest writes': `${readyMirror}
        ~ guest-begin request=0 disk=src via=nbd
        > job-complete j0
        < ok
        + 3000 ms
        > query-jobs`,
      'it has a limit': `${readyMirror}
        > block-job-set-speed j0 speed=1
        < ok
        > job-complete j0
        < ok
        + 3000 ms
        > query-jobs`,
      'it met an error before': `
        > mirror j0 on-target-error=ignore
        ! j0 created running
        < ok
        ! j0 ready
        ! READY j0 100/100
        ! ERROR j0 write ignore
        > job-complete j0
        < ok
        + 3000 ms
        > query-jobs`,
    },
  }),
  ...about('hang/no-progress', {
    broken: {
      'a limit was lifted, and the job sleeps on': `
        > backup j0 speed=1
        ! j0 created running
        < ok
        > block-job-set-speed j0 speed=0
        < ok
        > query-block-jobs
        < jobs j0 running 50/100 paused=false
        + 3000 ms
        > query-block-jobs
        < jobs j0 running 50/100 paused=false`,
      'it never had one': `
        > mirror j0
        ! j0 created running
        < ok
        > query-block-jobs
        < jobs j0 running 0/100 paused=false
        + 1500 ms
        > query-block-jobs
        < jobs j0 running 0/100 paused=false
        + 1500 ms
        > query-block-jobs
        < jobs j0 running 0/100 paused=false`,
    },
    kept: {
      'it goes on slowly': `
        > mirror j0
        ! j0 created running
        < ok
        > query-block-jobs
        < jobs j0 running 0/100 paused=false
        + 3000 ms
        > query-block-jobs
        < jobs j0 running 1/100 paused=false`,
      'it has a limit': `
        > mirror j0 speed=1
        ! j0 created running
        < ok
        > query-block-jobs
        < jobs j0 running 0/100 paused=false speed=1
        + 3000 ms
        > query-block-jobs
        < jobs j0 running 0/100 paused=false speed=1`,
      'it tries again what fails': `
        > mirror j0 on-source-error=ignore
        ! j0 created running
        < ok
        > query-block-jobs
        < jobs j0 running 0/100 paused=false
        + 1500 ms
        ! ERROR j0 read ignore
        + 1500 ms
        > query-block-jobs
        < jobs j0 running 0/100 paused=false`,
      'a pause was asked for': `
        > mirror j0
        ! j0 created running
        < ok
        > query-block-jobs
        < jobs j0 running 0/100 paused=true
        + 3000 ms
        > query-block-jobs
        < jobs j0 running 0/100 paused=true`,
      'it copies only what a guest overwrites': `
        > backup j0 sync=none
        ! j0 created running
        < ok
        > query-block-jobs
        < jobs j0 running 0/100 paused=false
        + 3000 ms
        > query-block-jobs
        < jobs j0 running 0/100 paused=false`,
    },
  }),
];
