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
/** A limit is set while a mirror copies; two looks at it, so long apart. */
const lookTwice = (second: string, apartMs: number, between = ''): string => `
  > mirror j0 buf-size=65536
  ! j0 created running
  < ok
  > block-job-set-speed j0 speed=1000000
  < ok
  > query-block-jobs
  < jobs j0 running 0/10000000 speed=1000000${between}
  + ${apartMs} ms
  > query-block-jobs
  < jobs j0 ${between.includes('ready') ? 'ready' : 'running'} ${second} ${between.includes('speed=0') ? 'speed=0' : 'speed=1000000'}`;
const slowMirror = (ms: number, more = '') => `
  > mirror j0 speed=1000000 buf-size=65536
  ! j0 created running
  < ok${more}
  + ${ms} ms
  ! j0 ready
  ! READY j0 10000000/10000000 speed=1000000`;
const full = (version: string) => ({
  version,
  arena: { disks: [{ ...disk('src', 10_000_000), fill: 'full' as const }, disk('dst', 10_000_000)] },
});

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
  ...about('state/speed-between', {
    broken: {
      'after a limit was set, 5 MB in a second at 1 MB/s': {
        ...full('10.0.13'),
        story: lookTwice('5000000/10000000', 1000),
      },
      'the start has set the limit': {
        ...full('11.1.3'),
        story: `
  > mirror j0 speed=1000000 buf-size=65536
  ! j0 created running
  < ok
  > query-block-jobs
  < jobs j0 running 0/10000000 speed=1000000
  + 1000 ms
  > query-block-jobs
  < jobs j0 running 5000000/10000000 speed=1000000`,
      },
    },
    kept: {
      'five megabytes take five seconds': {
        ...full('10.0.13'),
        story: lookTwice('5000000/10000000', 5000),
      },
      'what was under way when the limit came goes on': {
        ...full('10.0.13'),
        story: lookTwice('1400000/10000000', 1000),
      },
      'the limit was lifted between the looks': {
        ...full('10.0.13'),
        story: lookTwice(
          '5000000/10000000',
          1000,
          `
  > block-job-set-speed j0 speed=0
  < ok`,
        ),
      },
      'it is READY, and passes on what the guest writes': {
        ...full('10.0.13'),
        story: lookTwice('5000000/10000000', 1000, '\n  ! j0 ready'),
      },
      '7.2 hurries after a drain': { ...full('7.2.22'), story: lookTwice('5000000/10000000', 1000) },
    },
  }),
  ...about('state/speed-limit', {
    broken: {
      '10 MB at 1 MB/s are there in a second': { ...full('10.0.13'), story: slowMirror(1000) },
      'the host’s clock was set by a tenth of a second on the way': {
        ...full('10.0.13'),
        story: slowMirror(1000, '\n  @ -100 ms'),
      },
      'the granularity is small': {
        ...full('11.1.3'),
        story: `
  > mirror j0 speed=65536 buf-size=4096 granularity=4096
  ! j0 created running
  < ok
  + 100 ms
  ! j0 ready
  ! READY j0 655360/655360 speed=65536`,
      },
      'set-speed was for another job': {
        ...full('10.0.13'),
        story: `
  > block-job-set-speed j0 speed=0
  < DeviceNotActive: Block job 'j0' not found${slowMirror(1000)}`,
      },
    },
    kept: {
      '10 MB at 1 MB/s are there in ten seconds': { ...full('10.0.13'), story: slowMirror(10_000) },
      '7.2 hurries after a drain, and is not judged': { ...full('7.2.22'), story: slowMirror(1000) },
      'the limit was lifted on the way': {
        ...full('10.0.13'),
        story: slowMirror(
          1000,
          `
  > block-job-set-speed j0 speed=1000000
  < ok`,
        ),
      },
      'the limit was lifted by a command that was sent before the job was there': {
        ...full('10.0.13'),
        story: `
  > mirror j0 speed=1000000 buf-size=65536
  > block-job-set-speed j0 speed=0
  ! j0 created running
  < ok
  ! j0 ready
  ! READY j0 10000000/10000000 speed=0
  < ok`,
      },
      'the job was drained on the way, and its sleep cut short': {
        ...full('10.0.13'),
        story: slowMirror(1000, '\n  ! j0 paused running'),
      },
      'a whole chunk goes at once, however small the buffer': {
        ...full('11.1.3'),
        story: `
  > mirror j0 speed=1 buf-size=1
  ! j0 created running
  < ok
  ! j0 ready
  ! READY j0 65536/65536 speed=1`,
      },
      'what is not data costs nothing': {
        version: '10.0.13',
        arena: { disks: [disk('src', 10_000_000), disk('dst', 10_000_000)] },
        story: slowMirror(1000),
      },
      'the host’s clock was set back on the way, and ten seconds look like one': {
        ...full('10.0.13'),
        story: slowMirror(10_000, '\n  @ -9000 ms'),
      },
      'the host’s clock and ours do not agree on how long it took': {
        ...full('10.0.13'),
        story: slowMirror(5000, '\n  @ -2000 ms'),
      },
      'QEMU had no time to tell': {
        ...full('10.0.13'),
        story: `
  > mirror j0 speed=1000000 buf-size=65536
  ~ event name=JOB_STATUS_CHANGE data={"id":"j0","status":"created"} qemuUs=-1
  ~ event name=JOB_STATUS_CHANGE data={"id":"j0","status":"running"} qemuUs=-1
  < ok
  ~ event name=JOB_STATUS_CHANGE data={"id":"j0","status":"ready"} qemuUs=-1
  ! READY j0 10000000/10000000 speed=1000000`,
      },
      'another job has written to the source': {
        ...full('10.0.13'),
        story: `
  > blockdev-mirror step=0 job-id=j1 device=dst target=src sync=full
  ! j1 created running
  < ok
  ! j1 ready
  ! READY j1 10000000/10000000
  > job-complete j1
  < ok
  ! j1 waiting pending
  ! COMPLETED j1 10000000/10000000
  ! j1 concluded null${slowMirror(1000)}`,
      },
    },
  }),
];
