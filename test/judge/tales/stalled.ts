import type { Arena } from '../../../src/sequence/arena.ts';
import type { FaultStep } from '../../../src/sequence/step.ts';
import { about, type Tale, type Told } from '../tale.ts';

const arena: Arena = {
  disks: [
    { name: 'src', format: 'raw', sizeBytes: 65_536 },
    { name: 'dst', format: 'raw', sizeBytes: 65_536 },
  ],
};
const told = (story: string): Told => ({ arena, story });
const fault = (what: FaultStep): string => `
  ~ step step=0
  ~ fault step=0 outcome=armed fault=${JSON.stringify(what)}`;
const inject = fault({ fault: 'inject', disk: 'dst', errno: 'EIO', iotype: 'write' });
const lift = fault({ fault: 'lift', disk: 'dst' });
const write = `
  * 1 write src 0+4096`;
const written = `
  * 1 ok`;
const snapshot = `
  > transaction step=0 actions=[{"type":"block-dirty-bitmap-add","data":{"node":"src","name":"b"}}]`;
const started = (how = 'mirror j0'): string => `
  > ${how}
  ! j0 created running
  < ok`;
/** The job was waited for, and is still running. */
const stands = `
  + 6000 ms
  ~ await step=0 outcome=expired waitedUs=5500000`;

/** What may hold a job back does so as long as it lasts, and not because it was there once. */
export const stalledTales: readonly Tale[] = [
  ...about('hang/stalled', {
    broken: {
      'the guest has written before it was waited for': told(`${started()}${write}${written}${stands}`),
      'an error was lifted before it was waited for': told(`${inject}${started()}${lift}${stands}`),
      'QEMU was stopped, and went on before it was waited for': told(
        `${started()}${fault({ fault: 'sigstop' })}${fault({ fault: 'sigcont' })}${stands}`,
      ),
      'a transaction was over before it was waited for': told(`${snapshot}
  < ok${started()}${stands}`),
    },
    kept: {
      'a write of the guest goes on': told(`${started()}${write}${stands}`),
      'the guest writes while it is waited for': told(
        `${started()}
  + 1000 ms${write}${written}${stands.replace('6000', '5000')}`,
      ),
      'an error is in force': told(`${inject}${started()}${stands}`),
      'QEMU is stopped': told(`${started()}${fault({ fault: 'sigstop' })}${stands}`),
      'a transaction is not answered': told(`${started()}${snapshot}${stands}`),
      'it is a backup that copies what others overwrite': told(`${started('backup j0 sync=none')}${stands}`),
    },
  }),
];
