import type { Arena } from '../../../src/sequence/arena.ts';
import { about, type Tale } from '../tale.ts';

const onServer: { arena: Arena } = {
  arena: {
    disks: [
      { name: 'src', format: 'raw', sizeBytes: 2 ** 20 },
      {
        name: 'dst',
        format: 'raw',
        sizeBytes: 2 ** 20,
        storage: { nbd: { server: 'qemu-nbd', reconnectDelaySeconds: 30 } },
      },
    ],
  },
};

const ends = `
        ! j0 aborting
        ! COMPLETED j0 1/100 error="Input/output error"
        ! j0 concluded null`;

/** What BLOCK_JOB_ERROR announces comes in bounded time, and the figures at the end are those of a job that failed. */
export const announcedTales: readonly Tale[] = [
  ...about('hang/reported-error', {
    broken: {
      'a backup reports an error and runs on for seconds': `
        > backup j0
        ! j0 created running
        < ok
        ! ERROR j0 read report
        + 3000 ms
        > query-jobs`,
      'a mirror that is READY does, after several errors': `
        > mirror j0
        ! j0 created running
        < ok
        ! j0 ready
        ! READY j0 100/100
        ! ERROR j0 write report
        ! ERROR j0 write report
        + 3000 ms
        > query-jobs`,
      'a backup does not end for its limit': `
        > backup j0 speed=1
        ! j0 created running
        < ok
        ! ERROR j0 read report
        + 3000 ms
        > query-jobs`,
      'it was told to pause before, and does neither': `
        > backup j0
        ! j0 created running
        < ok
        > job-pause j0
        < ok
        ! ERROR j0 read report
        + 3000 ms
        > query-jobs`,
      'it ends, but after seconds': `
        > backup j0
        ! j0 created running
        < ok
        ! ERROR j0 read report
        + 3000 ms${ends}`,
    },
    kept: {
      'it ends soon': `
        > backup j0
        ! j0 created running
        < ok
        ! ERROR j0 read report
        + 100 ms${ends}
        + 3000 ms
        > query-jobs`,
      'a limited mirror sleeps its limit off first': `
        > mirror j0 speed=1
        ! j0 created running
        < ok
        ! ERROR j0 read report
        + 3000 ms
        ! j0 aborting
        ! COMPLETED j0 1/100 speed=1 error="Input/output error"
        ! j0 concluded null`,
      'its pause came first': `
        > mirror j0
        ! j0 created running
        < ok
        > job-pause j0
        < ok
        ! ERROR j0 read report
        ! j0 paused
        + 3000 ms
        > query-jobs`,
      'it was cancelled meanwhile': `
        > backup j0
        ! j0 created running
        < ok
        ! ERROR j0 read report
        + 100 ms
        > job-cancel j0
        < ok
        ! j0 aborting
        ! CANCELLED j0 1/100
        ! j0 concluded null`,
      'a request in flight waits for its server': {
        ...onServer,
        story: `
        > backup j0
        ! j0 created running
        < ok
        ~ fault fault={"fault":"server","disk":"dst","is":"killed"} outcome=armed
        ! ERROR j0 read report
        + 10000 ms
        > query-jobs`,
      },
      'it ignores its errors': `
        > backup j0 on-source-error=ignore
        ! j0 created running
        < ok
        ! ERROR j0 read ignore
        + 3000 ms
        > query-jobs`,
    },
  }),
  ...about('hang/error-stop', {
    broken: {
      'a backup is to stop at an error, and runs on for seconds': `
        > backup j0 on-source-error=stop
        ! j0 created running
        < ok
        ! ERROR j0 read stop
        + 3000 ms
        > query-jobs`,
      'a mirror that is READY does': `
        > mirror j0 on-target-error=stop
        ! j0 created running
        < ok
        ! j0 ready
        ! READY j0 100/100
        ! ERROR j0 write stop
        + 3000 ms
        > query-jobs`,
    },
    kept: {
      'it pauses soon': `
        > backup j0 on-source-error=stop
        ! j0 created running
        < ok
        ! ERROR j0 read stop
        + 100 ms
        ! j0 paused
        + 3000 ms
        > query-jobs`,
      'it was resumed at once': `
        > backup j0 on-source-error=stop
        ! j0 created running
        < ok
        ! ERROR j0 read stop
        > job-resume j0
        < ok
        + 3000 ms
        > query-jobs`,
      '5.2 sleeps its limit off': {
        version: '5.2.0',
        story: `
        > mirror j0 speed=1 on-source-error=stop
        ! j0 created running
        < ok
        ! ERROR j0 read stop
        + 3000 ms
        > query-jobs`,
      },
    },
  }),
  ...about('state/reported-error-short', {
    broken: {
      'a backup that could not read something says that it has come to its len': `
        > backup j0
        ! j0 created running
        < ok
        ! ERROR j0 read report
        ! j0 aborting
        ! COMPLETED j0 100/100 error="Input/output error"
        ! j0 concluded null`,
    },
    kept: {
      'it has not': `
        > backup j0
        ! j0 created running
        < ok
        ! ERROR j0 read report
        ! j0 aborting
        ! COMPLETED j0 99/100 error="Input/output error"
        ! j0 concluded null`,
      'the flush of a mirror fails when all is copied': `
        > mirror j0
        ! j0 created running
        < ok
        ! ERROR j0 write report
        ! j0 aborting
        ! COMPLETED j0 100/100 error="Input/output error"
        ! j0 concluded null`,
      'a stream has ignored it': `
        > stream j0 on-error=ignore
        ! j0 created running
        < ok
        ! ERROR j0 read ignore
        ! j0 aborting
        ! COMPLETED j0 100/100 error="Input/output error"
        ! j0 concluded null`,
    },
  }),
];
