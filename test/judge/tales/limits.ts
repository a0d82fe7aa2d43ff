import { about, type Tale } from '../tale.ts';

const group = `
  > transaction grouped j0 j1
  ! j0 created
  ! j1 created running
  ! j0 running
  < ok`;
const pausedBackup = `
  > backup j0 speed=1
  ! j0 created running paused running
  < ok
  > job-pause j0
  ! j0 paused
  < ok
  > query-block-jobs
  < jobs j0 paused 50/100 speed=1`;
const disk = (name: string, sizeBytes: number) => ({ name, format: 'raw', sizeBytes }) as const;
const sizes = (source: number, target: number) => ({
  arena: { disks: [disk('src', source), disk('dst', target)] },
});
const getsReady = `
  > mirror j0
  ! j0 created running
  < ok
  ! j0 ready
  ! READY j0 512/512`;
const slowMirror = (ms: number, more = '') => `
  > mirror j0 speed=1000000 buf-size=65536
  ! j0 created running
  < ok${more}
  + ${ms} ms
  ! j0 ready
  ! READY j0 10000000/10000000 speed=1000000`;

/** What holds jobs together, and what holds them up. */
export const limitTales: readonly Tale[] = [
  ...about('state/group-ends-together', {
    broken: {
      'one of a group fails, and the other completes': `${group}
        ! ERROR j0 read report
        ! j0 aborting
        ! COMPLETED j0 1/100 error="Input/output error"
        ! j0 concluded null
        ! j1 waiting pending
        ! COMPLETED j1 100/100
        ! j1 concluded null`,
      'one of a group is cancelled, and the other completes': `${group}
        > job-cancel j0
        ! j0 aborting
        ! CANCELLED j0 1/100
        ! j0 concluded null
        ! j1 waiting pending
        ! COMPLETED j1 100/100
        ! j1 concluded null
        < ok`,
    },
    kept: {
      'one of a group fails, and the other is cancelled': `${group}
        ! ERROR j0 read report
        ! j0 aborting
        ! COMPLETED j0 1/100 error="Input/output error"
        ! j0 concluded null
        ! j1 aborting
        ! CANCELLED j1 100/100
        ! j1 concluded null`,
      'jobs of an individual transaction end as they like': `${group.replace('grouped', 'individual')}
        ! ERROR j0 read report
        ! j0 aborting
        ! COMPLETED j0 1/100 error="Input/output error"
        ! j0 concluded null
        ! j1 waiting pending
        ! COMPLETED j1 100/100
        ! j1 concluded null`,
    },
  }),
  ...about('state/size-mismatch-fails', {
    broken: {
      'a mirror to a larger disk gets ready': { ...sizes(512, 1024), story: getsReady },
      'a mirror to a smaller disk gets ready': { ...sizes(1024, 512), story: getsReady },
    },
    kept: {
      'the sizes are the same once they are rounded up to a sector': {
        ...sizes(1023, 1024),
        story: getsReady,
      },
      'the target was resized': {
        ...sizes(512, 1024),
        story: `
        > block_resize node-name=dst size=512
        < ok${getsReady}`,
      },
      'the mirror fails': {
        ...sizes(512, 1024),
        story: `
        > mirror j0
        ! j0 created running
        < ok
        ! j0 aborting
        ! COMPLETED j0 0/0 error="Source and target image have different sizes"
        ! j0 concluded null`,
      },
    },
  }),
  ...about('state/paused-stands-still', {
    broken: {
      'the offset moves between two queries of one pause': `${pausedBackup}
        > query-block-jobs
        < jobs j0 paused 60/100 speed=1`,
      'another job was over before the pause': `
        > stream j1
        ! j1 created running
        < ok
        ! j1 waiting pending
        ! COMPLETED j1 1/1
        ! j1 concluded null${pausedBackup}
        > query-block-jobs
        < jobs j0 paused 60/100 speed=1`,
    },
    kept: {
      'the guest writes, and a backup copies what it is about to overwrite': `${pausedBackup}
        ~ guest-begin request=0 disk=src via=nbd
        ~ guest-end request=0 result=ok
        > query-block-jobs
        < jobs j0 paused 60/100 speed=1`,
      'the job was resumed in between': `${pausedBackup}
        > job-resume j0
        ! j0 running
        < ok
        > query-block-jobs
        < jobs j0 running 60/100 speed=1`,
      'the query was sent before the job paused': `
        > backup j0 speed=1
        ! j0 created running paused running
        < ok
        > query-block-jobs
        ! j0 paused
        < jobs j0 running 50/100 speed=1
        > query-block-jobs
        < jobs j0 paused 60/100 speed=1`,
      'another job beside it may write to its source': `
        > commit j1
        ! j1 created running
        < ok
        > backup j0 speed=1
        ! j0 created running paused running
        < ok
        > job-pause j0
        ! j0 paused
        < ok
        > query-block-jobs
        < jobs j0 paused 50/100 speed=1 | j1 running 0/100
        > query-block-jobs
        < jobs j0 paused 60/100 speed=1 | j1 running 0/100`,
    },
  }),
  ...about('state/speed-limit', {
    broken: {
      '10 MB at 1 MB/s are there in a second': { version: '10.0.13', story: slowMirror(1000) },
    },
    kept: {
      '10 MB at 1 MB/s are there in ten seconds': { version: '10.0.13', story: slowMirror(10_000) },
      '7.2 hurries after a drain, and is not judged': slowMirror(1000),
      'the limit was lifted on the way': {
        version: '10.0.13',
        story: slowMirror(
          1000,
          `
  > block-job-set-speed j0 speed=1000000
  < ok`,
        ),
      },
      'the job was drained on the way, and its sleep cut short': {
        version: '10.0.13',
        story: slowMirror(1000, '\n  ! j0 paused running'),
      },
    },
  }),
];
