import type { Arena, Disk } from '../../../src/sequence/arena.ts';
import { about, type Tale } from '../tale.ts';

const pausedMirror = `
  > mirror j0 speed=1
  ! j0 created running
  < ok
  > job-pause j0
  ! j0 paused
  < ok`;

const onServer = (name: string): Disk => ({ name, format: 'raw', sizeBytes: 1024, storage: 'nbd' });
const local = (name: string): Disk => ({ name, format: 'raw', sizeBytes: 1024 });
const served = (...names: string[]): Arena => ({
  disks: ['src', 'dst'].map((name) => (names.includes(name) ? onServer(name) : local(name))),
});
const serverIs = (is: string, disk: string): string =>
  `~ fault step=0 outcome=armed fault=${JSON.stringify({ fault: 'server', disk, is })}`;
const toServer = `
        > mirror j0
        ! j0 created running
        < ok`;

const migrates = `
        > migrate uri=exec:cat
        < ok`;

/** The process, the deadlines, and what is left over. */
export const processTales: readonly Tale[] = [
  ...about('crash/signal', {
    broken: {
      'QEMU dies of an assertion': `
        > job-pause j0
        ~ stderr text="block.c:1:\u0020f:\u0020Assertion"
        ~ disconnect
        ~ exit code=null signal=SIGABRT asked=false`,
      'QEMU hangs up as it dies, and what is awaited can not come any more': {
        steps: [{ await: 'gone', expect: 'met' }],
        story: `
        ~ disconnect
        ~ await step=0 outcome=moot waitedUs=12402
        ~ exit code=null signal=SIGABRT asked=false`,
      },
      'QEMU dies of a signal after quit': `
        > quit
        < ok
        ~ exit code=null signal=SIGSEGV asked=true`,
    },
    kept: {
      'it was killed, which QEMU never does to itself': `
        > query-jobs
        ~ exit code=null signal=SIGKILL asked=true`,
      'somebody else has killed it': `
        > query-jobs
        ~ disconnect
        ~ exit code=null signal=SIGKILL asked=false`,
      'somebody else has killed it, and what a step claims does not come': {
        steps: [{ await: 'gone', expect: 'met' }],
        story: `
        ~ disconnect
        ~ await step=0 outcome=moot waitedUs=12402
        ~ exit code=null signal=SIGKILL asked=false`,
      },
    },
  }),
  ...about('crash/unexpected-exit', {
    broken: {
      'QEMU ends though nobody asked, with a code': '~ exit code=1 signal=null asked=false',
      'QEMU ends though nobody asked, as if all were well': '~ exit code=0 signal=null asked=false',
    },
    kept: {
      'QEMU was asked to quit': '~ exit code=0 signal=null asked=true',
      'blkverify has found that its two copies differ': `
        ~ stderr text="blkverify:\u0020read\u0020contents\u0020mismatch"
        ~ exit code=1 signal=null asked=false`,
    },
  }),
  ...about('crash/exit-code', {
    broken: { 'quit ends with a code': '~ exit code=3 signal=null asked=true' },
    kept: { 'quit ends with 0': '~ exit code=0 signal=null asked=true' },
  }),
  ...about('hang/command', {
    broken: {
      "a cancel is not answered while the mirror's target has no server": {
        arena: served('dst'),
        story: `${toServer}
        ${serverIs('killed', 'dst')}
        > job-cancel j0
        ~ expired what=command id=m2 deadlineMs=5000`,
      },
      'jobs are asked for in vain while a source has no server': {
        arena: served('src'),
        story: `${toServer}
        ${serverIs('suspended', 'src')}
        > query-jobs
        ~ expired what=command id=m2 deadlineMs=5000`,
      },
      'a command is not answered in time': `
        > query-jobs
        ~ expired what=command id=m1 deadlineMs=10000`,
    },
    kept: {
      'the answer is there, though somebody still waited for it': `
        > query-jobs
        < []
        ~ expired what=command id=m1 deadlineMs=10000`,
      'a cancel drains what a throttle holds, and nothing can lift it meanwhile': {
        arena: { disks: [{ name: 'src', format: 'raw', sizeBytes: 1024, layers: [{ throttle: {} }] }] },
        story: `
        > mirror j0
        ! j0 created running
        < ok
        > job-cancel j0
        ~ expired what=command id=m2 deadlineMs=5000
        ~ phase phase=settle
        ~ expired what=settle deadlineMs=10000`,
      },
      "it is a cancel while the mirror's target has no server, but the source has none either": {
        arena: served('src', 'dst'),
        story: `${toServer}
        ${serverIs('killed', 'src')}
        ${serverIs('killed', 'dst')}
        > job-cancel j0
        ~ expired what=command id=m2 deadlineMs=5000`,
      },
      'it is a cancel, and a guest waits for the target': {
        arena: served('dst'),
        story: `
        > mirror j0 copy-mode=write-blocking
        ! j0 created running
        < ok
        ${serverIs('suspended', 'dst')}
        > job-cancel j0
        ~ expired what=command id=m2 deadlineMs=5000`,
      },
      'jobs are asked for when the mirror ends, and drains a source that has no server': {
        arena: served('src'),
        story: `${toServer}
        ${serverIs('suspended', 'src')}
        > job-cancel j0
        < ok
        > query-jobs
        ~ expired what=command id=m3 deadlineMs=5000`,
      },
      'the one behind it is not answered either, and was given less time': {
        also: ['hang/command'],
        story: `
        > transaction grouped j0 j1
        > query-jobs
        ~ expired what=command id=m2 deadlineMs=10000
        ~ expired what=command id=m1 deadlineMs=10012`,
      },
      'a quit before it is held by a frozen server, and answered when that is well again': {
        arena: served('dst'),
        story: `${toServer}
        ${serverIs('suspended', 'dst')}
        > quit
        > query-jobs
        ~ expired what=command id=m2 deadlineMs=5000
        ~ expired what=command id=m3 deadlineMs=5000
        < ok`,
      },
      'the session does not settle either, and that is seen before': {
        also: ['hang/command'],
        story: `
        > transaction grouped j0 j1
        > query-jobs
        ~ expired what=command id=m2 deadlineMs=10000
        ~ expired what=settle deadlineMs=10000
        ~ expired what=command id=m1 deadlineMs=10012`,
      },
      'the session does not settle either, which follows from it': {
        also: ['hang/command'],
        story: `
        > query-jobs
        ~ expired what=command id=m1 deadlineMs=10000
        ~ expired what=settle deadlineMs=10000`,
      },
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
      'QEMU stays after quit, though all that is wrong is a killed server, for which nothing waits': {
        arena: served('dst'),
        story: `
        ${serverIs('killed', 'dst')}
        > quit
        < ok
        ~ phase phase=settle
        ~ expired what=quit deadlineMs=10000`,
      },
      'QEMU says yes to quit, and stays': `
        > quit
        < ok
        ~ phase phase=settle
        ~ expired what=quit deadlineMs=10000`,
    },
    kept: {
      'QEMU stays after quit while it waits for a killed server': {
        arena: { disks: [{ ...onServer('dst'), storage: { nbd: { reconnectDelaySeconds: 30 } } }] },
        story: `
        ${serverIs('killed', 'dst')}
        > quit
        < ok
        ~ phase phase=settle
        ~ expired what=quit deadlineMs=10000`,
      },
      'QEMU stays after quit, but a fault that nobody can lift any more holds it': `
        ~ fault step=0 fault={"fault":"throttle","disk":"src","iops":1} outcome=armed
        > quit
        < ok
        ~ phase phase=settle
        ~ expired what=quit deadlineMs=10000`,
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
      'the machine had no processor for QEMU': `${pausedMirror}
        > job-resume j0
        < ok
        + 3000 ms
        > query-jobs
        ~ closed pristine=true commands=2 elapsedUs=3000000 lostUs=2000000`,
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
      'the machine had no processor for QEMU': `
        > mirror j0
        ! j0 created running
        < ok
        + 6000 ms
        ~ await step=0 outcome=expired waitedUs=5500000
        ~ closed pristine=true commands=2 elapsedUs=6000000 lostUs=1000000`,
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
  ...about('leak/open-file', {
    broken: { 'an image is open though no node uses it': '~ leftover what=file names=["dst.qcow2"]' },
    kept: {
      'the node that uses it is still there, and is what leaked': {
        also: ['leak/leftover'],
        story: `
        ~ leftover what=node names=["dst"]
        ~ leftover what=file names=["dst.qcow2"]`,
      },
    },
  }),
  ...about('leak/descriptors', {
    broken: {
      'a descriptor more than before': `
        ~ process descriptors=20 residentBytes=1
        ~ process descriptors=21 residentBytes=1`,
      'a migration that is over': `
        ~ process descriptors=20 residentBytes=1${migrates}
        > query-migrate
        < {"status":"failed"}
        ~ process descriptors=21 residentBytes=1`,
    },
    kept: {
      'a migration that waits for its switchover': `
        ~ process descriptors=20 residentBytes=1${migrates}
        > query-migrate
        < {"status":"pre-switchover"}
        ~ process descriptors=22 residentBytes=1`,
      'one less': `
        ~ process descriptors=20 residentBytes=1
        ~ process descriptors=19 residentBytes=1`,
      'the session broke down, and was not looked at again': '~ process descriptors=20 residentBytes=1',
    },
  }),
  ...about('leak/threads', {
    broken: {
      'a thread more than before': {
        version: '11.1.3',
        story: `
        ~ process descriptors=20 threads=3
        ~ process descriptors=20 threads=4`,
      },
    },
    kept: {
      'they have no names, and workers are not told from others': {
        version: '11.1.3',
        story: `
        ~ process descriptors=20
        ~ process descriptors=20 threads=4`,
      },
      'the QEMU is older than the rule': {
        version: '10.0.13',
        story: `
        ~ process descriptors=20 threads=3
        ~ process descriptors=20 threads=4`,
      },
    },
  }),
  ...about('leak/memory', {
    broken: {
      'far more memory than when the session was warm': `
        ~ process descriptors=20 residentBytes=1
        ~ process descriptors=20 residentBytes=400000001 earlyBytes=100000000`,
    },
    kept: {
      'more, but pools breathe': `
        ~ process descriptors=20 residentBytes=1
        ~ process descriptors=20 residentBytes=300000000 earlyBytes=100000000`,
      'the session is too young to tell': `
        ~ process descriptors=20 residentBytes=1
        ~ process descriptors=20 residentBytes=400000001`,
    },
  }),
];
