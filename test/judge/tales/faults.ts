import type { Disk } from '../../../src/sequence/arena.ts';
import type { FaultStep } from '../../../src/sequence/step.ts';
import { about, type Tale } from '../tale.ts';

const sizeBytes = 65_536;
const disk = (name: string, more: Partial<Disk> = {}): Disk => ({
  name,
  format: 'qcow2',
  sizeBytes,
  ...more,
});
const failing = (name: string, error: object, more: Partial<Disk> = {}): Disk =>
  disk(name, { layers: [{ blkdebug: [{ errno: 'EIO', ...error }] }], ...more });
const arena = { disks: [disk('src', { fill: 'full' }), disk('dst')] };

const fault = (step: FaultStep, outcome = 'armed'): string =>
  `~ fault step=0 outcome=${outcome} fault=${JSON.stringify(step)}`;
const failWrites = fault({ fault: 'inject', disk: 'dst', iotype: 'write', errno: 'EIO' });
const start = `
        > mirror j0
        ! j0 created running
        < ok`;
const backup = start.replace('mirror', 'backup');
/** Every such request to a raw source that is full of data fails. */
const barred = (iotype: string) => ({
  disks: [failing('src', { iotype }, { format: 'raw', fill: 'full' }), disk('dst')],
});
const corrupted = `
        ~ event name=BLOCK_IMAGE_CORRUPTED data={"device":"","node-name":"dst","msg":"overlap","fatal":true}`;
const endsWith = (error: string): string => `
        ! j0 aborting
        ! COMPLETED j0 1/100 error="${error}"
        ! j0 concluded null`;
const reported = (error: string): string => `
        ! ERROR j0 write report${endsWith(error)}`;

/** Errors that were injected, and those that were not. */
export const faultTales: readonly Tale[] = [
  ...about('state/error-announced', {
    broken: {
      'a mirror of a raw disk is ended by a read error, without a word': {
        arena: { disks: [failing('src', { iotype: 'read' }, { format: 'raw' }), disk('dst')] },
        story: `${start}${endsWith('Input/output error')}`,
      },
      'a write error of a raw target ends it, without a word': {
        arena: { disks: [disk('src'), failing('dst', { iotype: 'write' }, { format: 'raw' })] },
        story: `${start}${endsWith('Input/output error')}`,
      },
    },
    kept: {
      'a backup may give its snapshot up for a write of the guest': {
        arena: { disks: [disk('src'), failing('dst', { iotype: 'write' }, { format: 'raw' })] },
        story: `${start.replace('mirror j0', 'backup j0 on-cbw-error=break-snapshot')}${endsWith('Input/output error')}`,
      },
      'its target is qcow2, whose tables may have failed': {
        arena: { disks: [disk('src'), failing('dst', { iotype: 'write' })] },
        story: `${start}${endsWith('Input/output error')}`,
      },
      'it says so': {
        arena: { disks: [failing('src', { iotype: 'read' }, { format: 'raw' }), disk('dst')] },
        story: `${start}
        ! ERROR j0 read report${endsWith('Input/output error')}`,
      },
      'the tables of a qcow2 can’t be read, of which no event tells': {
        arena: { disks: [failing('src', { iotype: 'read' }), disk('dst')] },
        story: `${start}${endsWith('Input/output error')}`,
      },
      'an error of any request may be one of block status': {
        arena: { disks: [failing('src', {}, { format: 'raw' }), disk('dst')] },
        story: `${start}${endsWith('Input/output error')}`,
      },
      'it failed of something else': {
        arena: { disks: [failing('src', { iotype: 'read' }, { format: 'raw' }), disk('dst')] },
        story: `${start}${endsWith('Invalid argument')}`,
      },
    },
  }),
  ...about('image/corrupted', {
    broken: {
      'an image is marked corrupt while a job writes to it': { arena, story: `${start}${corrupted}` },
    },
    kept: {
      'so it is after a flush that was made to fail': {
        arena,
        story: `
        ${fault({ fault: 'inject', disk: 'dst', iotype: 'flush', errno: 'EPERM' })}${start}${corrupted}`,
      },
      'so it is when the same file was opened once more': {
        arena,
        steps: [{ qmp: 'blockdev-add' }],
        story: `
        ~ phase phase=steps
        ~ command id=7 name=blockdev-add args={} step=0
        < ok${start}${corrupted}`,
      },
    },
  }),
  ...about('state/error-policy', {
    broken: {
      'enospc stops at an error that is not about space': {
        arena: { disks: [disk('src'), failing('dst', { iotype: 'write' })] },
        story: `
        > mirror j0 on-target-error=enospc
        ! j0 created running
        < ok
        ! ERROR j0 write stop
        ! j0 paused`,
      },
      'enospc reports a lack of space': {
        arena: { disks: [disk('src'), disk('dst', { layers: [{ room: { bytes: 327_680 } }] })] },
        story: `
        > mirror j0 on-target-error=enospc
        ! j0 created running
        < ok${reported('No space left on device')}`,
      },
    },
    kept: {
      'both errors were injected, and enospc may do either': {
        arena: { disks: [failing('src', { iotype: 'read' }), failing('dst', { errno: 'ENOSPC' })] },
        story: `
        > mirror j0 on-target-error=enospc
        ! j0 created running
        < ok
        ! ERROR j0 write stop
        ! j0 paused`,
      },
    },
  }),
  ...about('state/error-caused', {
    broken: {
      'a read fails, and nobody injected anything': {
        arena,
        story: `${start}
        ! ERROR j0 read report`,
      },
      'a read fails before the error is injected': {
        arena,
        story: `${start}
        ! ERROR j0 read report
        ~ step step=0
        ${failWrites}`,
      },
      'a read of a drive fails': {
        arena,
        story: `
        > drive-mirror job-id=j0 device=drive-src target=dst
        ! j0 created running
        < ok
        ! ERROR j0 read report`,
      },
      'a read fails of a node that a step put above a disk': {
        arena,
        steps: [{ qmp: 'blockdev-add', args: {} }],
        story: `
        > blockdev-add driver=raw node-name=top file=src step=0
        < ok
        > blockdev-mirror job-id=j0 device=top target=dst sync=full
        ! j0 created running
        < ok
        ! ERROR j0 read report`,
      },
      'an error is injected on a disk that has nothing to do with the job': {
        arena: { disks: [...arena.disks, disk('other')] },
        story: `
        ~ step step=0
        ~ fault fault={"fault":"inject","disk":"other","errno":"EIO"} step=0 outcome=armed${start}
        ! ERROR j0 read report`,
      },
    },
    kept: {
      'a step put it above a disk by a driver that fails requests': {
        arena,
        steps: [{ qmp: 'blockdev-add', args: {} }],
        story: `
        > blockdev-add driver=blkdebug node-name=top image=src step=0
        < ok
        > blockdev-mirror job-id=j0 device=top target=dst sync=full
        ! j0 created running
        < ok
        ! ERROR j0 read report`,
      },
      'it is being injected just then': {
        arena,
        story: `${start}
        ~ step step=0
        ! ERROR j0 read report
        ${failWrites}`,
      },
      'the nodes are not those of the arena': `${start}
        ! ERROR j0 read report`,
      'raw bytes may have made a node that fails': {
        arena,
        story: `
        ~ raw-sent text="x" sizeBytes=1${start}
        ! ERROR j0 read report`,
      },
    },
  }),
  ...about('state/error-named', {
    broken: {
      'a stream has ignored EIO, and names another error at its end': {
        arena: { disks: [failing('src', { iotype: 'read' })] },
        story: `
        > stream j0 on-error=ignore
        ! j0 created running
        < ok
        ! ERROR j0 read ignore
        ! j0 aborting
        ! COMPLETED j0 100/100 error="Operation not permitted"
        ! j0 concluded null`,
      },
      'EIO was injected, and the job ends with another error': {
        arena: { disks: [disk('src'), failing('dst', { iotype: 'write' })] },
        story: `${start}${reported('Operation not permitted')}`,
      },
    },
    kept: {
      'a compressed write may fail on what is there already': {
        arena: { disks: [disk('src'), failing('dst', { errno: 'ENOSPC' })] },
        story: `
        > backup j0 compress=true
        ! j0 created running
        < ok${reported('Input/output error')}`,
      },
      'the error is the one that was injected': {
        arena: { disks: [disk('src'), failing('dst', { iotype: 'write' })] },
        story: `${start}${reported('Input/output error')}`,
      },
      'the error was lifted before the job ended with it': {
        arena,
        story: `
        ~ step step=0
        ${failWrites}${start}
        ~ step step=0
        ${fault({ fault: 'lift', disk: 'dst' })}${reported('Input/output error')}`,
      },
    },
  }),
  ...about('state/lasting-error-fails', {
    broken: {
      'a full disk is mirrored onto one that fails every write': {
        arena,
        story: `
        ~ step step=0
        ${failWrites}${start}
        ! j0 ready
        ! READY j0 100/100`,
      },
      'a full disk is backed up onto one that fails every write': {
        arena,
        also: ['state/reported-error-fails'],
        story: `
        ~ step step=0
        ${failWrites}${backup}
        ! ERROR j0 write report
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null`,
      },
      'every read of a raw source fails, and its mirror is ready': {
        arena: barred('read'),
        story: `${start}
        ! j0 ready
        ! READY j0 100/100`,
      },
    },
    kept: {
      'a backup onto it fails': {
        arena,
        story: `
        ~ step step=0
        ${failWrites}${backup}
        ! j0 aborting
        ! COMPLETED j0 1/100 error="Input/output error"
        ! j0 concluded null`,
      },
      'only writes to the source fail, which nobody writes': {
        arena: barred('write'),
        story: `${start}
        ! j0 ready
        ! READY j0 100/100`,
      },
      'only the first write failed': {
        arena,
        story: `
        ~ step step=0
        ${fault({ fault: 'inject', disk: 'dst', iotype: 'write', errno: 'EIO', once: true })}${start}
        ! j0 ready
        ! READY j0 100/100`,
      },
      'the error was lifted meanwhile': {
        arena,
        story: `
        ~ step step=0
        ${failWrites}${start}
        ~ step step=0
        ! j0 ready
        ! READY j0 100/100
        ${fault({ fault: 'lift', disk: 'dst' })}`,
      },
      'this QEMU could not have the error': {
        arena,
        story: `
        ~ step step=0
        ${fault({ fault: 'inject', disk: 'dst', iotype: 'write', errno: 'EIO' }, 'refused')}${start}
        ! j0 ready
        ! READY j0 100/100`,
      },
      'there is nothing to copy': {
        arena: { disks: [disk('src'), failing('dst', { iotype: 'write' })] },
        story: `${start}
        ! j0 ready
        ! READY j0 100/100`,
      },
      'another QEMU was started since, which has no such error': {
        arena,
        story: `
        ~ step step=0
        ${failWrites}
        ~ exit code=null signal=SIGKILL asked=true
        ~ restarted step=0
        ~ phase phase=set-up
        ~ phase phase=steps${start}
        ! j0 ready
        ! READY j0 100/100`,
      },
    },
  }),
  ...about('state/transition', {
    broken: {
      'a job goes on in the QEMU that was started again, though it was never created there': `${start}
        ~ exit code=null signal=SIGKILL asked=true
        ~ restarted step=0
        ! j0 ready`,
    },
    kept: {
      'a job of the same name is created anew': `${start}
        ~ exit code=null signal=SIGKILL asked=true
        ~ restarted step=0
        > mirror j0
        ! j0 created running
        < ok`,
    },
  }),
];
