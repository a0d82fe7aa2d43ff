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
const fleecedBy = (more: object): Arena => ({
  ...fleeced,
  nodes: (fleeced.nodes ?? []).map((node) =>
    node.driver === 'copy-before-write' ? { ...node, ...more } : node,
  ),
});
const givenUp = fleecedBy({ 'on-cbw-error': 'break-snapshot' });
const withTimeout = fleecedBy({ 'on-cbw-error': 'break-snapshot', 'cbw-timeout': 1 });
const unreadable = `
  > block-export-add id="look" type="nbd" node-name="past"
  < ok
  ~ past node="past" runs=[] text="Input/output error" failed=read`;
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
/** What a reader of the node that shows the past finds. */
const past = (first: string): string => `
  > block-export-add id="look" type="nbd" node-name="past"
  < ok
  ~ past node="past" runs=[[0,65536,"${first}"],[65536,65536,"src:0"]]`;
/** The filter comes while the guest works, and its device is put on it. */
const plain: Arena = { disks: [disk('src', { fill: 'full', frontend: 'nbd' }), disk('dst'), disk('old')] };
const onMoved = told(plain);
const adding = `
  > blockdev-add driver="copy-before-write" node-name="cbw" file="src" target="old"
  < ok
  > blockdev-add driver="snapshot-access" node-name="past" file="cbw"
  < ok`;
const moved = (node: string): string => `
  > qom-set path="/machine/peripheral/guest-src/virtio-backend" property="drive" value="${node}"
  < ok`;
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
  ...about('integrity/snapshot-access', {
    broken: {
      'what was written since is in what the node shows': onPast(`
        ${write(1, '0+65536')}${past('src:1')}`),
      'the device was moved to the filter later, and what it wrote from then on is shown': onMoved(`
        ${adding}${write(1, '0+65536')}${moved('cbw')}${write(2, '0+65536')}${past('src:2')}`),
    },
    kept: {
      'it shows what was there when the filter was put in': onPast(`
        ${write(1, '0+65536')}${past('src:0')}`),
      'the device was moved to the filter later, and what it wrote before that is shown': onMoved(`
        ${adding}${write(1, '0+65536')}${moved('cbw')}${write(2, '0+65536')}${past('src:1')}`),
      'the device was taken from the filter again': onMoved(`
        ${adding}${moved('cbw')}${moved('src')}${write(1, '0+65536')}${past('src:1')}`),
      'another job writes to where the past is kept': onPast(`
        ${write(1, '0+65536')}
        > blockdev-backup job-id=j0 device=dst target=old sync=full
        ! j0 created running
        < ok${past('src:1')}`),
      'it can no more be read': onPast(`
        ${write(1, '0+65536')}
        ~ past node="past" runs=[] text="Permission denied"`),
    },
  }),
  ...about('integrity/snapshot-kept', {
    broken: {
      'nothing went wrong, and the past can no more be read': onPast(`
        ${write(1, '0+65536')}${unreadable}`),
      'the guest was to be refused where a copy fails': onPast(`
        ~ fault step=0 outcome=armed fault={"fault":"inject","disk":"old","op":"write"}
        ${write(1, '0+65536')}${unreadable}`),
    },
    kept: {
      'a copy may have failed, which gives up the snapshot': told(givenUp)(`
        ~ fault step=0 outcome=armed fault={"fault":"inject","disk":"old","op":"write"}
        ${write(1, '0+65536')}${unreadable}`),
      'the guest has discarded something': onPast(`
        * 1 discard src 0+65536
        * 1 ok${unreadable}`),
      'a copy takes as long as it may': told(withTimeout)(`${write(1, '0+65536')}${unreadable}`),
      'it can be read': onPast(`
        ${write(1, '0+65536')}${past('src:0')}`),
      'what is below it is no filter, and has no past': told({ disks: [disk('src')] })(`
        > blockdev-add driver="raw" node-name="plain" file="src"
        < ok
        > blockdev-add driver="snapshot-access" node-name="past" file="plain"
        < ok${unreadable}`),
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
      'a backup of a part of a disk lacks what lies there': onWindow(`
        ${backupOf('window')}
        = dst 0+65536:zero`),
    },
    kept: {
      'of a part of an overlay nobody knows which image is topmost': onWindow(`
        ${backupOf('window').replace('sync=full', 'sync=top')}
        = dst 0+65536:zero`),
      'the copy of the past holds what was there when the filter was put in': onPast(`
        ${write(1, '0+65536')}${backupOf('past')}
        = dst ${whole}`),
    },
  }),
];
