import type { Arena, Disk } from '../../../src/sequence/arena.ts';
import type { FaultStep, InjectStep } from '../../../src/sequence/step.ts';
import { about, type Tale, type Told } from '../tale.ts';

const disk = (name: string, more: Partial<Disk> = {}): Disk => ({
  name,
  format: 'qcow2',
  sizeBytes: 131_072,
  ...more,
});
const arena: Arena = { disks: [disk('src', { fill: 'full', frontend: 'nbd' }), disk('dst')] };
const told = (story: string): Told => ({ arena, after: [{ content: 'src' }, { content: 'dst' }], story });
const whole = '0+131072:src:0';

const fault = (what: FaultStep, outcome = 'armed'): string => `
  ~ step step=0
  ~ fault step=0 outcome=${outcome} fault=${JSON.stringify(what)}`;
const inject = (on: string, how: Partial<InjectStep> = {}): string =>
  fault({ fault: 'inject', disk: on, errno: 'EIO', iotype: 'write', ...how });
/** As execute/faults/inserted-node.ts does it; settling has no step. */
const putBack = (on: string, reply = 'ok'): string => `
  > blockdev-reopen options=[{"driver":"qcow2","node-name":"${on}","file":"${on}-file"}]
  < ${reply}
  > blockdev-del node-name="${on}-fault"
  < ${reply}`;
const lift = (on: string): string => `${putBack(on)}${fault({ fault: 'lift', disk: on })}`;
const write = (request: number, place: string): string => `
  * ${request} write src ${place}
  * ${request} ok`;
const quit = `
  > quit
  < ok
  ~ exit code=0 asked=true`;
const commitFails = `
  > commit other
  ! other created running
  < ok
  ! other aborting
  ! COMPLETED other 1/100 error="Input/output error"
  ! other concluded null`;

/** A mirror that ignores errors, and is gone to. */
const pivot = (meanwhile: string): string => `
  > mirror j0 on-target-error=ignore
  ! j0 created running
  < ok${meanwhile}
  ! j0 ready
  ! READY j0 100/100
  > job-complete j0
  < ok
  ! j0 waiting pending
  ! COMPLETED j0 100/100
  ! j0 concluded null`;
const isMet = `
  ! ERROR j0 write ignore`;
const aWrite = (on: string, how: Partial<InjectStep> = {}): string => inject(on, { once: true, ...how });
const unreadable = `
  ~ image claim=0 outcome=unreadable text="qemu-img map: Could not open 'src.qcow2': x"`;

/** Errors of writes excuse an image until they are taken out, or met; not where it was closed meanwhile, or changed by halves. */
export const faultTales: readonly Tale[] = [
  ...about('integrity/guest-disk', {
    broken: {
      'an acknowledged write is not there, though writes were made to fail only for a while': told(
        `${inject('src')}${write(1, '0+65536')}${lift('src')}${quit}
        = src ${whole}`,
      ),
      'settling has put the disk back before it is lost': told(
        `${inject('src')}${write(1, '0+65536')}
        ~ phase phase=settle${putBack('src')}${quit}
        = src ${whole}`,
      ),
      'a write to the target failed once, and it was not written again': told(
        `${aWrite('dst')}${pivot(isMet)}${quit}
        = dst 0+65536:zero 65536+65536:src:0`,
      ),
    },
    kept: {
      'writes fail as QEMU ends': told(
        `${inject('src')}${write(1, '0+65536')}${quit}
        = src ${whole}`,
      ),
      'the disk could not be put back, since it could not be flushed': told(
        `${inject('src')}${write(1, '0+65536')}${putBack('src', 'GenericError: Error flushing drive')}${quit}
        = src ${whole}`,
      ),
      'the disk was closed while writes failed': told(
        `${inject('src')}${write(1, '0+65536')}
        > blockdev-del node-name="src"
        < ok
        > blockdev-add driver="qcow2" node-name="src" file="src-file"
        < ok${lift('src')}${quit}
        = src ${whole}`,
      ),
      'a commit has failed meanwhile, which may have begun to change headers': told(
        `${inject('src')}${write(1, '0+65536')}${commitFails}${lift('src')}${quit}
        = src ${whole}`,
      ),
      'one of two errors that come once was met, and the other may have met what is written last': told(
        `${aWrite('dst')}${aWrite('src')}${pivot(isMet)}${quit}
        = dst 0+65536:zero 65536+65536:src:0`,
      ),
    },
  }),
  ...about('integrity/readable', {
    broken: {
      'an image can not be opened, though writes to it were made to fail only for a while': told(
        `${inject('src')}${lift('src')}${quit}${unreadable}`,
      ),
    },
    kept: {
      'an image can not be opened, and writes to it failed as QEMU ended': told(
        `${inject('src')}${quit}${unreadable}`,
      ),
    },
  }),
];
