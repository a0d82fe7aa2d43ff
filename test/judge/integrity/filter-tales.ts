import type { Arena, Disk } from '../../../src/sequence/arena.ts';
import { about, type Tale, type Told } from '../tale.ts';

/** Two clusters each; the guest reaches src by way of a node over it. */
const disk = (name: string, more: Partial<Disk> = {}): Disk => ({
  name,
  format: 'raw',
  sizeBytes: 131_072,
  ...more,
});
const below = (through: string, nodes: Arena['nodes'], others: readonly Disk[] = []): Arena => ({
  disks: [disk('src', { fill: 'full', frontend: 'nbd', through }), disk('dst'), ...others],
  ...(nodes ? { nodes } : {}),
});
const filtered = below('cor', [{ 'node-name': 'cor', driver: 'copy-on-read', file: 'src' }]);
const fleeced = below(
  'cbw',
  [
    { 'node-name': 'cbw', driver: 'copy-before-write', file: 'src', target: 'old' },
    { 'node-name': 'past', driver: 'snapshot-access', file: 'cbw' },
  ],
  [disk('old')],
);
const windowed: Arena = {
  disks: [
    disk('src', { fill: 'full', frontend: 'nbd', through: 'window' }),
    disk('dst', { sizeBytes: 65_536 }),
  ],
  nodes: [{ 'node-name': 'window', driver: 'raw', file: 'src', offset: 65_536 }],
};
/** The guest does not come by way of the filter. */
const beside: Arena = {
  disks: [disk('src', { fill: 'full', frontend: 'nbd' }), disk('dst')],
  nodes: [{ 'node-name': 'cor', driver: 'copy-on-read', file: 'src' }],
};

const told =
  (arena: Arena) =>
  (story: string): Told => ({ arena, story });
const [onFilter, onPast, onWindow, onBeside] = [told(filtered), told(fleeced), told(windowed), told(beside)];

const write = (request: number, place: string): string => `
  * ${request} write src ${place}
  * ${request} ok`;
const mirrorOf = (device: string): string => `
  > blockdev-mirror job-id=j0 device=${device} target=dst sync=full
  ! j0 created running
  < ok
  ! j0 ready
  ! READY j0 100/100`;
const ended = (verb: 'job-complete' | 'block-job-cancel'): string => `
  > ${verb} j0
  < ok
  ! j0 waiting pending
  ! COMPLETED j0 100/100
  ! j0 concluded null`;
const backupOf = (device: string): string => `
  > blockdev-backup job-id=j0 device=${device} target=dst sync=full
  ! j0 created running
  < ok
  ! j0 waiting pending
  ! COMPLETED j0 100/100
  ! j0 concluded null`;
const whole = '0+131072:src:0';

/** Filters between guest, job and image: who moves with a pivot, and what is seen at the top. */
export const filterTales: readonly Tale[] = [
  ...about('integrity/guest-disk', {
    broken: {
      'a write by way of a filter is not there': onFilter(`${write(1, '0+65536')}
        = src ${whole}`),
      'a mirror of the filter was completed, and a later write is not on the target': onFilter(`
        ${mirrorOf('cor')}${ended('job-complete')}${write(1, '0+65536')}
        = dst ${whole}`),
    },
    kept: {
      'a mirror of the filter was completed, and the guest goes on there': onFilter(`
        ${mirrorOf('cor')}${ended('job-complete')}${write(1, '0+65536')}
        = src ${whole}
        = dst 0+65536:src:1 65536+65536:src:0`),
      'a mirror of the node below was completed, and the filter stands on the target': onFilter(`
        ${mirrorOf('src')}${ended('job-complete')}${write(1, '0+65536')}
        = src ${whole}
        = dst 0+65536:src:1 65536+65536:src:0`),
      'of a filter that the guest does not pass, nobody knows what a mirror of it sees': onBeside(`
        ${mirrorOf('cor')}${write(1, '0+65536')}${ended('job-complete')}
        = dst ${whole}`),
    },
  }),
  ...about('integrity/mirror-copy', {
    broken: {
      'a part of a disk is copied from its begin': onWindow(`
        ${mirrorOf('window')}${ended('block-job-cancel')}
        = dst 0+65536:src:0`),
      'a write into a part of a disk has not come through': onWindow(`
        ${mirrorOf('window')}${write(1, '0+512')}${ended('block-job-cancel')}
        = dst 0+65536:src:0@-128`),
    },
    kept: {
      'a part of a disk is copied from where it begins': onWindow(`
        ${mirrorOf('window')}${write(1, '0+512')}${ended('block-job-cancel')}
        = dst 0+512:src:1 512+65024:src:0@-128`),
    },
  }),
  ...about('integrity/backup', {
    broken: {
      'what was written since is in the copy of the past': onPast(`
        ${write(1, '0+65536')}${backupOf('past')}
        = dst 0+65536:src:1 65536+65536:src:0`),
      'what was written since is in the copy of the filter, what came before is not': onPast(`
        ${write(1, '0+65536')}${backupOf('cbw')}
        = dst ${whole}`),
    },
    kept: {
      'the copy of the past holds what was there when the filter was put in': onPast(`
        ${write(1, '0+65536')}${backupOf('past')}
        = dst ${whole}`),
    },
  }),
];
