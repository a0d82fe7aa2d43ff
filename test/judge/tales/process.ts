import { about, type Tale } from '../tale.ts';

const disk = { name: 'src', format: 'raw', sizeBytes: 512 } as const;

const pausedMirror = `
  > mirror j0 speed=1
  ! j0 created running
  < ok
  > job-pause j0
  ! j0 paused
  < ok`;

/** The process, the deadlines, what is left over, and what a sequence claims of itself. */
export const processTales: readonly Tale[] = [
  ...about('crash/signal', {
    broken: {
      'QEMU dies of an assertion': `
        > job-pause j0
        ~ stderr text="block.c:1:\u0020f:\u0020Assertion"
        ~ disconnect
        ~ exit code=null signal=SIGABRT asked=false`,
      'QEMU dies of a signal after quit': `
        > quit
        < ok
        ~ exit code=null signal=SIGSEGV asked=true`,
    },
    kept: {
      'it was killed, which QEMU never does to itself': `
        > query-jobs
        ~ exit code=null signal=SIGKILL asked=true`,
    },
  }),
  ...about('crash/unexpected-exit', {
    broken: {
      'QEMU ends though nobody asked, with a code': '~ exit code=1 signal=null asked=false',
      'QEMU ends though nobody asked, as if all were well': '~ exit code=0 signal=null asked=false',
    },
    kept: { 'QEMU was asked to quit': '~ exit code=0 signal=null asked=true' },
  }),
  ...about('crash/exit-code', {
    broken: { 'quit ends with a code': '~ exit code=3 signal=null asked=true' },
    kept: { 'quit ends with 0': '~ exit code=0 signal=null asked=true' },
  }),
  ...about('hang/command', {
    broken: {
      'a command is not answered in time': `
        > query-jobs
        ~ expired what=command id=m1 deadlineMs=10000`,
    },
    kept: {
      'a guest request is not answered in time, which may be the fault of its storage': `
        ~ expired what=guest id=0 deadlineMs=10000`,
    },
  }),
  ...about('hang/settle', {
    broken: {
      'a job does not end': {
        story: `
        > mirror j0
        ! j0 created running
        < ok
        ~ phase phase=settle
        > job-cancel j0
        < ok
        ~ expired what=settle deadlineMs=10000
        ~ leftover what=job names=["j0"]`,
      },
    },
    kept: {
      'a job ends late, but in time': `
        > mirror j0
        ! j0 created running
        < ok
        ~ phase phase=settle
        > job-cancel j0
        < ok
        ! j0 aborting
        ! CANCELLED j0 1/100
        ! j0 concluded null
        ~ closed pristine=true commands=2 elapsedUs=9000000`,
    },
  }),
  ...about('hang/resume', {
    broken: {
      'a paused job is resumed, and still paused seconds later': `${pausedMirror}
        > job-resume j0
        < ok
        + 3000 ms
        > query-jobs`,
    },
    kept: {
      'it runs before the reply': `${pausedMirror}
        > job-resume j0
        ! j0 running
        < ok
        + 3000 ms
        > query-jobs`,
      'it runs right after the reply': `${pausedMirror}
        > job-resume j0
        < ok
        ! j0 running
        + 3000 ms
        > query-jobs`,
      'resume was refused': `
        > mirror j0 speed=1
        ! j0 created running paused
        < ok
        > job-resume j0
        < GenericError: Can't resume a job that was not paused
        + 3000 ms
        > query-jobs`,
      'a fault holds QEMU': `${pausedMirror}
        > job-resume j0
        < ok
        ~ fault step=0 fault={"fault":"sigstop"} outcome=armed
        + 3000 ms
        > query-jobs`,
    },
  }),
  ...about('hang/stalled', {
    broken: {
      'a mirror that nothing holds back is still running after five seconds': `
        > mirror j0
        ! j0 created running
        < ok
        + 6000 ms
        ~ await step=0 outcome=expired waitedUs=5500000`,
    },
    kept: {
      'it has a speed': `
        > mirror j0 speed=1
        ! j0 created running
        < ok
        + 6000 ms
        ~ await step=0 outcome=expired waitedUs=5500000`,
      'it was started while the wait went on': `
        + 6000 ms
        > mirror j0
        ! j0 created running
        < ok
        ~ await step=0 outcome=expired waitedUs=5500000`,
      'it is READY, and what did not come is something else': `
        > mirror j0
        ! j0 created running
        < ok
        ! j0 ready
        ! READY j0 100/100
        + 6000 ms
        ~ await step=0 outcome=expired waitedUs=5500000`,
      'the guest writes': `
        ~ guest-begin request=0 disk=src via=nbd
        > mirror j0
        ! j0 created running
        < ok
        + 6000 ms
        ~ await step=0 outcome=expired waitedUs=5500000`,
      'the host is six times slower than usual': {
        roundTripUs: 6000,
        story: `
        > mirror j0
        ! j0 created running
        < ok
        + 6000 ms
        ~ await step=0 outcome=expired waitedUs=5500000`,
      },
    },
  }),
  ...about('leak/leftover', {
    broken: { 'a node can not be removed': '~ leftover what=node names=["dst"]' },
    kept: {
      'the session never settled, so its nodes are in use': {
        also: ['hang/settle'],
        story: `
        ~ expired what=settle deadlineMs=10000
        ~ leftover what=node names=["dst"]`,
      },
    },
  }),
  ...about('claim/reply', {
    broken: {
      'an error that the step says will be success': {
        steps: [{ qmp: 'query-jobs', expect: 'ok' }],
        story: `
        > query-jobs step=0
        < GenericError: no`,
      },
      'a list that has more than the step says': {
        steps: [{ qmp: 'query-block-exports', expect: { return: [] } }],
        story: `
        > query-block-exports step=0
        < [1]`,
      },
      'raw bytes that should give an error and give none': {
        steps: [{ raw: '{', expect: 'error' }],
        story: '~ raw-sent text="{" sizeBytes=1 step=0',
      },
    },
    kept: {
      'the error is of the class the step says, and has its words': {
        steps: [{ qmp: 'query-jobs', expect: { class: 'GenericError', desc: 'no' } }],
        story: `
        > query-jobs step=0
        < GenericError: there is no such thing`,
      },
      'members that the step does not name are free': {
        steps: [{ qmp: 'query-version', expect: { return: { qemu: { major: 7 } } } }],
        story: `
        > query-version step=0
        < {"qemu": {"major": 7, "minor": 2}, "package": ""}`,
      },
      'the same id was answered before': {
        steps: [{ qmp: 'query-jobs', expect: 'error' }],
        story: `
        > query-version
        < ok
        > query-jobs step=0
        < GenericError: no`,
      },
    },
  }),
  ...about('claim/await', {
    broken: {
      'what is awaited does not come': {
        steps: [{ await: 'READY', expect: 'met' }],
        story: '~ await step=0 outcome=expired waitedUs=300000',
      },
      'what is awaited can not come any more': {
        steps: [{ await: 'READY', expect: 'met' }],
        story: '~ await step=0 outcome=moot waitedUs=10',
      },
    },
    kept: {
      'nobody said that it must come': {
        steps: [{ await: 'READY' }],
        story: '~ await step=0 outcome=expired waitedUs=300000',
      },
    },
  }),
  ...about('claim/guest', {
    broken: {
      'a write fails that should succeed': {
        arena: { disks: [disk] },
        steps: [{ guest: 'write', disk: 'src', expect: 'ok' }],
        story: `
        ~ guest-begin request=0 disk=src via=nbd step=0
        ~ guest-end request=0 result=error`,
      },
    },
    kept: {
      'the write that fails is another': {
        arena: { disks: [disk] },
        steps: [
          { guest: 'write', disk: 'src', expect: 'ok' },
          { guest: 'write', disk: 'src', expect: 'error' },
        ],
        story: `
        ~ guest-begin request=0 disk=src via=nbd step=0
        ~ guest-begin request=1 disk=src via=nbd step=1
        ~ guest-end request=1 result=error
        ~ guest-end request=0 result=ok`,
      },
    },
  }),
  ...about('claim/image', {
    broken: {
      'two images differ that should be the same': {
        after: [{ same: ['src', 'dst'] }],
        story: '~ image claim=0 outcome=broken text="differs"',
      },
      'an image can not be read': {
        after: [{ check: 'dst' }],
        story: '~ image claim=0 outcome=unreadable text="gone"',
      },
    },
    kept: {
      'they are the same': {
        after: [{ same: ['src', 'dst'] }],
        story: '~ image claim=0 outcome=holds text=""',
      },
    },
  }),
];
