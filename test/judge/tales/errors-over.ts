import type { Arena, Disk } from '../../../src/sequence/arena.ts';
import type { FaultStep, InjectStep } from '../../../src/sequence/step.ts';
import { about, type Tale, type Told } from '../tale.ts';

const disk = (name: string, format: Disk['format'] = 'raw'): Disk => ({ name, format, sizeBytes: 65_536 });
const raw: Arena = { disks: [disk('src'), disk('dst'), disk('other')] };
const srcIs = (format: Disk['format']): Arena => ({ disks: [disk('src', format), disk('dst')] });

const fault = (what: FaultStep): string => `
        ~ step step=0
        ~ fault step=0 outcome=armed fault=${JSON.stringify(what)}`;
const inject = (on: string, how: Partial<InjectStep>): string =>
  fault({ fault: 'inject', disk: on, errno: 'EIO', ...how });
const lift = (on: string): string => fault({ fault: 'lift', disk: on });
const reads = inject('src', { iotype: 'read' });
const aRead = inject('src', { iotype: 'read', once: true });
const fills = fault({ fault: 'fill', disk: 'dst' });
const empties = fault({ fault: 'room', disk: 'dst' });

const start = (id = 'j0', how = ''): string => `
        > mirror ${id} ${how}
        ! ${id} created running
        < ok`;
const endsWith = (error: string, id = 'j0'): string => `
        ! ${id} aborting
        ! COMPLETED ${id} 1/100 error="${error}"
        ! ${id} concluded null`;
const eio = 'Input/output error';
const readFails = (id = 'j0'): string => `
        ! ERROR ${id} read report${endsWith(eio, id)}`;
const writeFails = (error: string): string => `
        ! ERROR j0 write report${endsWith(error)}`;
/** Another job has met the error before. */
const isMet = `${start('first')}${readFails('first')}`;
const told = (story: string, arena = raw): Told => ({ arena, story });

/** Errors that were injected excuse what they may have met, and nothing that began when they were over. */
export const errorsOverTales: readonly Tale[] = [
  ...about('state/error-policy', {
    broken: {
      'enospc stops at an error, and there was room again before it was started': told(
        `${fills}${empties}${inject('dst', { iotype: 'write' })}${start('j0', 'on-target-error=enospc')}
        ! ERROR j0 write stop
        ! j0 paused`,
      ),
      'enospc reports a lack of space, and the other error came once, to another job': told(
        `${aRead}${isMet}${fills}${start('j0', 'on-target-error=enospc')}${writeFails('No space left on device')}`,
      ),
    },
    kept: {
      'there was room again only after it was started': told(
        `${fills}${start('j0', 'on-target-error=enospc')}${empties}${inject('dst', { iotype: 'write' })}
        ! ERROR j0 write stop
        ! j0 paused`,
      ),
      'the other error comes once to each of some sectors': told(
        `${inject('src', { iotype: 'read', once: true, sectors: [0, 2] })}${isMet}${fills}
        ${start('j0', 'on-target-error=enospc')}${writeFails('No space left on device')}`,
      ),
    },
  }),
  ...about('state/error-caused', {
    broken: {
      'the error was lifted before it was started': told(`${reads}${lift('src')}${start()}${readFails()}`),
      'the error came once, and another job has met it': told(`${aRead}${isMet}${start()}${readFails()}`),
      'writes to a qcow2 failed, until before it was started': told(
        `${inject('src', { iotype: 'write' })}${lift('src')}${start()}${readFails()}`,
        srcIs('qcow2'),
      ),
    },
    kept: {
      'the error was lifted only after it was started': told(
        `${reads}${start()}${lift('src')}${readFails()}`,
      ),
      'the lift was refused': told(
        `${reads}${lift('src').replace('armed', 'refused')}${start()}${readFails()}`,
      ),
      'two errors came once, and another job has met one of them': told(
        `${aRead}${inject('dst', { iotype: 'read', once: true })}${isMet}${start()}${readFails()}`,
      ),
      'writes to a format failed, whose tables may be half done since': told(
        `${inject('src', { iotype: 'write' })}${lift('src')}${start()}${readFails()}`,
        srcIs('vmdk'),
      ),
    },
  }),
  ...about('state/error-named', {
    broken: {
      'it names an error that was lifted before it was started': told(
        `${inject('dst', { iotype: 'write' })}${lift('dst')}${fills}${start()}${writeFails(eio)}`,
      ),
    },
    kept: {
      'it names one that was lifted after it was started': told(
        `${inject('dst', { iotype: 'write' })}${start()}${lift('dst')}${fills}${writeFails(eio)}`,
      ),
      'nothing was in force that it may have met': told(
        `${inject('dst', { iotype: 'write' })}${lift('dst')}${start()}${writeFails('Operation not permitted')}`,
      ),
    },
  }),
  ...about('state/error-announced', {
    broken: {
      'an error of flushes was over before it was started': told(
        `${inject('dst', { iotype: 'flush' })}${lift('dst')}${reads}${start()}${endsWith(eio)}`,
      ),
    },
    kept: {
      'an error of flushes was over only after it was started': told(
        `${inject('dst', { iotype: 'flush' })}${reads}${start()}${lift('dst')}${endsWith(eio)}`,
      ),
    },
  }),
  ...about('hang/complete', {
    broken: {
      'the only error came once, and it has met it': told(
        `${inject('dst', { iotype: 'write', once: true })}${start('j0', 'on-target-error=ignore')}
        ! ERROR j0 write ignore
        ! j0 ready
        ! READY j0 100/100
        > job-complete j0
        < ok
        + 3000 ms
        > query-jobs`,
      ),
    },
    kept: {
      'an error that comes once was met, and there is another': told(
        `${inject('dst', { iotype: 'write', once: true })}${inject('other', { iotype: 'write', once: true })}
        ${start('j0', 'on-target-error=ignore')}
        ! ERROR j0 write ignore
        ! j0 ready
        ! READY j0 100/100
        > job-complete j0
        < ok
        + 3000 ms
        > query-jobs`,
      ),
    },
  }),
];
