import { about, type Tale } from '../tale.ts';

const refused = `
  > transaction grouped j0 step=0
  < GenericError: Unknown file format 'nonsense'
  * 1 write src 0+4096`;
const settled = '~ phase phase=settle';
const gaveUp = '~ expired what=guest id=1 deadlineMs=20000';

/** What the guest itself sees of a hang. */
export const guestRequestTales: readonly Tale[] = [
  ...about('hang/guest-request', {
    broken: {
      'a write after a refused transaction has not ended when the steps are over': `${refused}
        + 6000 ms
        ${gaveUp}`,
      'a write after a refused transaction and a look that is refused, too, has not ended': `${refused}
        > x-debug-block-dirty-bitmap-sha256 step=0
        < GenericError: Dirty bitmap 'bm0' not found
        * 2 write src 0+4096
        + 6000 ms
        ~ expired what=guest id=2 deadlineMs=20000`,
      'a write after a refused transaction never ends': `${refused}
        ${settled}
        + 6000 ms
        ${gaveUp}`,
      'a write after a refused transaction fails when QEMU quits, long after the guest gave up': `${refused}
        + 6000 ms
        ${gaveUp}
        ${settled}
        > quit
        < ok
        ! BLOCK_IO_ERROR device= operation=write action=report`,
      'a write after a refused transaction has not ended, and a job begins after that': `${refused}
        + 6000 ms
        ${gaveUp}
        > mirror j0
        ! j0 created running
        < ok`,
      'a write has not ended, and the machine was busy only after that': `${refused}
        + 6000 ms
        ~ expired what=guest id=1 deadlineMs=20000 lostUs=1000
        ${settled}
        ~ closed pristine=false commands=1 elapsedUs=60000000 lostUs=50000000`,
      'a write never ends, though the mirror that was there has long ended': `
        > mirror j0
        ! j0 created running
        < ok
        * 1 write src 0+4096
        ${settled}
        > job-cancel j0
        ! j0 aborting
        ! CANCELLED j0 0/100
        ! j0 concluded null
        < ok
        + 6000 ms
        ${gaveUp}`,
    },
    kept: {
      'it ends while QEMU settles': `${refused}
        ${settled}
        + 6000 ms
        * 1 ok`,
      'it was not given the time': `${refused}
        + 6000 ms
        ${settled}
        + 3000 ms
        ${gaveUp}`,
      'the sequence never settled, and an error came before': `${refused}
        ! BLOCK_IO_ERROR device=src operation=write action=stop
        + 60000 ms
        ${gaveUp}`,
      'the machine was too busy for it': `${refused}
        + 6000 ms
        ~ expired what=guest id=1 deadlineMs=20000 lostUs=2000000
        ${settled}`,
      'the sequence never settled, and a job was there': `
        > mirror j0
        ! j0 created running
        < ok
        * 1 write src 0+4096
        + 60000 ms
        ${gaveUp}`,
      'the sequence never settled, and the disk has a layer that faults may be put into': {
        story: `${refused}
        + 60000 ms
        ${gaveUp}`,
        arena: {
          disks: [{ name: 'src', format: 'raw', sizeBytes: 65_536, layers: [{ blkdebug: [] }] }],
        },
      },
      'a limit was put on the device': `
        > block_set_io_throttle device=src bps=1 step=0
        < ok${refused}
        ${settled}
        + 6000 ms
        ${gaveUp}`,
      'the export was taken away': `
        > block-export-del id=e
        < ok${refused}
        ${settled}
        + 6000 ms
        ${gaveUp}`,
    },
  }),
];
