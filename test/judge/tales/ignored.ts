import type { Disk, Inject } from '../../../src/sequence/arena.ts';
import { about, type Tale, type Told } from '../tale.ts';

const raw = (name: string, errors: Inject[] = []): Disk => ({
  name,
  format: 'raw',
  sizeBytes: 2 ** 20,
  layers: [{ blkdebug: errors }],
});
const readsFail = (story: string): Told => ({
  arena: { disks: [raw('src', [{ errno: 'EIO', iotype: 'read' }]), raw('dst')] },
  story,
});
const writesFail = (story: string, ...errors: Inject[]): Told => ({
  arena: { disks: [raw('src'), raw('dst', errors)] },
  story,
});
const once: Inject = { errno: 'EIO', iotype: 'write', once: true };
const ignoredWrite = (start: string): string =>
  ignoringMirror('Input/output error')
    .replace('read', 'write')
    .replace(/mirror .*/, start);
const ignoringMirror = (named: string, more = ''): string => `
  > mirror j0 on-source-error=ignore
  ! j0 created running
  < ok
  ! ERROR j0 read ignore
  ${more}
  ! j0 aborting
  ! COMPLETED j0 50/100 error="${named}"
  ! j0 concluded null`;

/** Jobs that go on where a request of theirs has failed. */
export const ignoredTales: readonly Tale[] = [
  ...about('state/ignoring-stream-goes-on', {
    broken: {
      'it ends in the middle': `
        > stream j0 on-error=ignore
        ! j0 created running
        < ok
        ! ERROR j0 read ignore
        ! j0 aborting
        ! COMPLETED j0 50/100 error=EIO
        ! j0 concluded null`,
    },
    kept: {
      'it comes to its end': `
        > stream j0 on-error=ignore
        ! j0 created running
        < ok
        ! ERROR j0 read ignore
        ! ERROR j0 read ignore
        ! j0 aborting
        ! COMPLETED j0 100/100 error=EIO
        ! j0 concluded null`,
      'it has reported another error': `
        > stream j0 on-error=enospc
        ! j0 created running
        < ok
        ! ERROR j0 read report
        ! j0 aborting
        ! COMPLETED j0 50/100 error=EIO
        ! j0 concluded null`,
      'it is cancelled': `
        > stream j0 on-error=ignore
        ! j0 created running
        < ok
        ! ERROR j0 read ignore
        > job-cancel j0
        < ok
        ! j0 aborting
        ! CANCELLED j0 50/100
        ! j0 concluded null`,
    },
  }),
  ...about('state/ignored-error-retried', {
    broken: {
      'a mirror fails with the error': readsFail(ignoringMirror('Input/output error')),
      'a backup fails with the error': readsFail(
        ignoringMirror('Input/output error').replaceAll('mirror', 'backup'),
      ),
      'a mirror fails with an error that came once, and that it has ignored': writesFail(
        ignoredWrite('mirror j0 on-target-error=ignore'),
        once,
      ),
      'a commit fails with an error that came once, and that it has ignored': {
        arena: {
          disks: [raw('base', [once]), { name: 'src', format: 'qcow2', sizeBytes: 2 ** 20, backing: 'base' }],
        },
        story: ignoredWrite('commit j0 on-error=ignore'),
      },
    },
    kept: {
      'the error comes again and again': writesFail(ignoredWrite('mirror j0 on-target-error=ignore'), {
        errno: 'EIO',
        iotype: 'write',
      }),
      'another error may have come without a word': writesFail(
        ignoredWrite('mirror j0 on-target-error=ignore'),
        once,
        { errno: 'EIO', event: 'l2_update', once: true },
      ),
      'a mirror fails with another': readsFail(ignoringMirror('Operation not permitted')),
      'its target may have failed, too': {
        ...readsFail(ignoringMirror('Input/output error')),
        arena: {
          disks: [
            raw('src', [{ errno: 'EIO', iotype: 'read' }]),
            raw('dst', [{ errno: 'EIO', iotype: 'flush' }]),
          ],
        },
      },
      'it has reported one as well': readsFail(
        ignoringMirror('Input/output error', '! ERROR j0 write report'),
      ),
      'a backup tries again, and completes': readsFail(`
        > backup j0 on-source-error=ignore
        ! j0 created running
        < ok
        ! ERROR j0 read ignore
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null`),
    },
  }),
];
