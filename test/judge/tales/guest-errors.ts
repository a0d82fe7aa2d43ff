import type { Setting } from '../story.ts';
import { about, type Tale } from '../tale.ts';

const arena = {
  disks: [
    { name: 'src', format: 'raw' as const, sizeBytes: 65_536, frontend: 'nbd' as const },
    { name: 'dst', format: 'raw' as const, sizeBytes: 65_536 },
    { name: 'other', format: 'raw' as const, sizeBytes: 65_536 },
  ],
};
const on = (text: string, more: Setting = {}): { story: string } & Setting => ({
  story: `${text}
    > query-version
    < ok`,
  arena,
  ...more,
});
const failed = (text: string): string => `
  * 1 write src 0+4096
  ~ guest-end request=1 result=error text="${text}"`;
const eio = failed('Input/output error');
const inject = (disk: string): string => `
  ~ step step=0
  ~ fault fault={"fault":"inject","disk":"${disk}","errno":"EIO"} step=0 outcome=armed`;
const lift = (disk: string): string => `
  ~ step step=1
  ~ fault fault={"fault":"lift","disk":"${disk}"} step=1 outcome=armed`;
const copied = `
  > mirror j0
  ! j0 created running
  < ok`;

/** What the guest sees of a disk that does not work. */
export const guestErrorTales: readonly Tale[] = [
  ...about('state/guest-error', {
    broken: {
      'a write fails, and nothing had been done': on(eio),
      'a write fails while a mirror runs': on(`${copied}${eio}`),
      'a write fails after an error on a disk that has nothing to do with it': on(`${inject('other')}${eio}`),
      'a write fails when the error has been lifted': on(`${inject('src')}${lift('src')}${eio}`),
      'the export is gone, and nobody took it away': on(failed('the export is gone')),
    },
    kept: {
      'an error is in force on its disk': on(`${inject('src')}${eio}`),
      'an error is in force on the target of its mirror': on(`${copied}${inject('dst')}${eio}`),
      'the error was lifted while it was under way': on(`
        ${inject('src')}
        * 1 write src 0+4096
        ${lift('src')}
        * 1 error`),
      'the error could not be lifted': on(`
        ${inject('src')}${lift('src').replace('armed', 'refused')}
        ~ step step=2
        ~ fault fault={"fault":"room","disk":"src"} step=2 outcome=armed${eio}`),
      'it lies beyond the disk': on(`
        * 1 write src 65536+4096
        * 1 error`),
      'the disk is read-only': on(eio, {
        arena: { disks: [{ name: 'src', format: 'raw', sizeBytes: 65_536, readOnly: true }] },
      }),
      'its export was taken away': on(`
        > block-export-del id=export-src step=0
        < ok${failed('the export is gone')}`),
      'QEMU is gone': {
        story: `${failed('the export is gone')}
          ~ disconnect
          ~ exit code=0 asked=true`,
        arena,
      },
      'QEMU is gone, and what it had answered before is read after': {
        story: `
          > query-version
          ${failed('the export is gone')}
          < ok
          ~ disconnect
          ~ exit code=0 asked=true`,
        arena,
      },
      'the machine has no room left': on(failed('No space left on device')),
      'the device was moved to another node': on(`
        > qom-set path=/d property=drive value=x step=0
        < ok${eio}`),
    },
  }),
];
