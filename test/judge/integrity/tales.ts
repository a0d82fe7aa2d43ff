import type { Disk } from '../../../src/sequence/arena.ts';
import { about, type Tale, type Told } from '../tale.ts';

/** Two clusters; the guest uses src. */
const disk = (name: string, more: Partial<Disk> = {}): Disk => ({
  name,
  format: 'raw',
  sizeBytes: 131_072,
  ...more,
});
const pair = { disks: [disk('src', { fill: 'full', frontend: 'nbd' }), disk('dst')] };
const chain = {
  disks: [
    disk('root', { fill: 'full' }),
    disk('base', { format: 'qcow2', backing: 'root' }),
    disk('src', { format: 'qcow2', backing: 'base', frontend: 'nbd' }),
    disk('dst', { format: 'qcow2', backing: 'base' }),
  ],
};

const told = (arena: Told['arena'], story: string): Told => ({ ...(arena ? { arena } : {}), story });
const onPair = (story: string): Told => told(pair, story);
/** Both images are read in the end. */
const looked = (story: string): Told => ({
  ...onPair(story),
  after: [{ content: 'src' }, { content: 'dst' }],
});
const failing = {
  disks: [
    disk('root', { fill: 'full' }),
    disk('src', {
      format: 'qcow2',
      backing: 'root',
      layers: [{ blkdebug: [{ errno: 'EIO', iotype: 'flush' }] }],
    }),
  ],
};
const onFailing = (story: string): Told => told(failing, story);
/** A mebibyte with data in its first cluster, and an empty file. */
const onSparse = (story: string): Told =>
  told(
    {
      disks: [
        disk('src', { sizeBytes: 1_048_576, fill: { runs: [[0, 4096]] }, frontend: 'nbd' }),
        disk('dst', { sizeBytes: 1_048_576 }),
      ],
    },
    story,
  );
const onBacked = (story: string): Told =>
  told(
    {
      disks: [
        disk('root', { format: 'qcow2', fill: 'full' }),
        disk('src', { format: 'qcow2', backing: 'root', frontend: 'nbd' }),
      ],
    },
    story,
  );
/** A backup's qcow2 target. */
const onCompressible = (story: string): Told =>
  told({ disks: [disk('src', { fill: 'full' }), disk('dst', { format: 'qcow2' })] }, story);
/** What the guest overwrites is kept in an image, and read there by a node that may discard it. */
const onKept = (story: string, discards: object = { discard: 'unmap' }): Told =>
  told(
    {
      disks: [
        disk('src', { fill: 'full', frontend: 'nbd', through: 'cbw' }),
        disk('dst'),
        disk('old', { format: 'qcow2', discard: 'unmap' }),
      ],
      nodes: [
        { 'node-name': 'cbw', driver: 'copy-before-write', file: 'src', target: 'old' },
        { 'node-name': 'past', driver: 'snapshot-access', file: 'cbw', ...discards },
      ],
    },
    story,
  );
/** Three qcow2 layers. */
const onLayers = (story: string): Told =>
  told(
    {
      disks: [
        disk('root', { format: 'qcow2', fill: 'full' }),
        disk('mid', { format: 'qcow2', backing: 'root' }),
        disk('src', { format: 'qcow2', backing: 'mid', frontend: 'nbd' }),
      ],
    },
    story,
  );
const onChain = (story: string): Told => told(chain, story);

const isReady = `
  ! j0 created running
  < ok
  ! j0 ready
  ! READY j0 100/100`;
/** The first cluster is written, and then what the bitmap names is copied; `queried`: its granularity is seen. */
const incremental = ({ queried = true, sync = 'incremental' } = {}): string => `
  > block-dirty-bitmap-add node="src" name="bm0"
  < ok${write(1, '0+65536')}${
    queried
      ? `
  > query-named-block-nodes
  < [{"node-name":"src","dirty-bitmaps":[{"name":"bm0","count":65536,"granularity":65536}]}]`
      : ''
  }
  > backup j0 sync="${sync}" bitmap="bm0" bitmap-mode="on-success"
  ! j0 created running
  < ok
  ! j0 waiting pending
  ! COMPLETED j0 65536/65536
  ! j0 concluded null`;
/** The guest overwrites so many bytes, and then the backup is cancelled. */
const saved = (lengthBytes: string): string => `
  ! j0 created running
  < ok${write(1, `0+${lengthBytes}`)}
  > block-job-cancel j0
  < ok
  ! j0 aborting
  ! CANCELLED j0 100/100
  ! j0 concluded null`;
const mirrorIsReady = `
  > mirror j0${isReady}`;
const softCancel = `
  > block-job-cancel j0
  < ok
  ! j0 waiting pending
  ! COMPLETED j0 100/100
  ! j0 concluded null`;
const completed = softCancel.replace('block-job-cancel', 'job-complete');
const write = (request: number, place: string): string => `
  * ${request} write src ${place}
  * ${request} ok`;
const quit = `
  > quit
  ! j0 aborting
  ! CANCELLED j0 100/100
  ! j0 concluded null
  < ok
  ~ exit code=0 asked=true`;
const committed = `
  > commit j0${isReady}
  > job-complete j0
  < ok
  ! j0 waiting pending
  ! COMPLETED j0 100/100
  ! j0 concluded null`;
const ended = `
  ! j0 created running
  < ok
  ! j0 waiting pending
  ! COMPLETED j0 100/100
  ! j0 concluded null`;
/** An image below a node whose driver no model follows, copied to and gone to. */
const pivotTo = (driver: string): string => `
  > blockdev-add node-name=l ${driver} file={"driver":"file","filename":"/d/l.img"}
  < ok
  > blockdev-mirror job-id=j0 device=src target=l sync=full${isReady}${completed}`;
const killed = `
  ~ exit signal=SIGKILL asked=true`;
const whole = '0+131072:src:0';

/** Every rule about contents, broken and nearly broken. */
export const integrityTales: readonly Tale[] = [
  ...about('integrity/guest-disk', {
    broken: {
      'an acknowledged write is not there': onPair(`
        ${write(1, '0+65536')}
        = src ${whole}`),
      'a write of after the pivot is not on the target': onPair(`
        ${mirrorIsReady}${completed}${write(1, '0+65536')}
        = dst ${whole}`),
      'a write of before the pivot is not on the target': onPair(`
        ${write(1, '0+65536')}${mirrorIsReady}${completed}
        = dst ${whole}`),
      'a write that was overwritten is back': onPair(`
        ${write(1, '0+65536')}${write(2, '0+65536')}
        = src 0+65536:src:1 65536+65536:src:0`),
      'zeroes of the guest have not come through': onPair(`
        * 1 zero src 0+65536
        * 1 ok
        = src ${whole}`),
      'a cancelled mirror has written to its source': onPair(`
        ${mirrorIsReady}
        > job-cancel j0
        < ok
        ! j0 aborting
        ! CANCELLED j0 100/100
        ! j0 concluded null
        = src 0+65536:src:0 65536+65536:zero`),
      'a stream has changed what is seen': onChain(`
        > stream j0
        ! j0 created running
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null
        = src 0+131072:zero`),
      'a failed commit has changed what is seen': onChain(`
        ${write(1, '0+65536')}
        > commit j0
        ! j0 created running
        < ok
        ! ERROR j0 write report
        ! j0 aborting
        ! COMPLETED j0 1/100 error="Input/output error"
        ! j0 concluded null
        = src 0+131072:root:0`),
      'the guest writes to a snapshot, and it is not there': onChain(`
        > blockdev-snapshot-sync node-name=src snapshot-file=/d/s0 snapshot-node-name=s0
        < ok
        ${write(1, '0+65536')}
        = s0 0+131072:root:0`),
      'a single byte is damaged': onPair(`
        = src 0+4096:src:0 4096+1:unknown:00 4097+126975:src:0`),
      'where an odd write ends more is damaged than a stamp is long': onPair(`
        ${write(1, '0+1000')}
        = src 0+1000:src:1 1000+24:unknown:7f 1024+130048:src:0`),
      'content of another place lies there': onPair(`
        ${write(1, '0+65536')}
        = src 0+65536:src:1@-3 65536+65536:src:0`),
    },
    kept: {
      'where an odd write ends no more is other than a stamp is long': onPair(`
        ${write(1, '0+1000')}
        = src 0+1000:src:1 1000+8:unknown:7f 1008+130064:src:0`),
      'a job without an id, which has that of the drive, has moved the guest on': told(
        { disks: [disk('src', { fill: 'full', frontend: 'drive' }), disk('dst'), disk('out')] },
        `
        ${mirrorIsReady}${completed}
        > blockdev-mirror device=dst target=out sync=full${isReady.replaceAll('j0', 'drive-src')}${completed.replaceAll('j0', 'drive-src')}
        ${write(1, '0+65536')}
        = dst ${whole}
        = out 0+65536:src:1 65536+65536:src:0`,
      ),
      'all of it is there': onPair(`
        ${write(1, '0+65536')}${mirrorIsReady}${write(2, '4096+4096')}${completed}${write(3, '8192+4096')}
        = dst 0+4096:src:1 4096+4096:src:2 8192+4096:src:3 12288+53248:src:1 65536+65536:src:0`),
      'a write that failed may be there': onPair(`
        * 1 write src 0+65536
        * 1 error
        = src 0+4096:src:1 4096+126976:src:0`),
      'of two writes in flight at once either may be the last': onPair(`
        * 1 write src 0+65536
        * 2 write src 0+65536
        * 1 ok
        * 2 ok
        = src 0+65536:src:1 65536+65536:src:0`),
      'what was discarded may be there or zero': onPair(`
        * 1 discard src 0+131072
        * 1 ok
        = src 0+65536:zero 65536+65536:src:0`),
      'raw bytes may have been any command': onPair(`
        ${write(1, '0+65536')}
        ~ raw-sent text=x sizeBytes=1
        = src ${whole}`),
      'HMP tells no I/O error': onPair(`
        * 1 write src 0+65536 via=hmp
        * 1 ok
        = src ${whole}`),
      'two neighbours have some bytes in common': onPair(`
        ${write(1, '0+65532')}
        = src 0+65528:src:1 65528+65544:src:0`),
      'complete and cancel crossed each other': onPair(`
        ${mirrorIsReady}
        > job-complete j0
        > block-job-cancel j0
        < ok
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null
        ${write(1, '0+65536')}
        = src ${whole}`),
    },
  }),
  ...about('integrity/guest-read', {
    broken: {
      'a read finds what was overwritten before it began': onPair(`
        ${write(1, '0+4096')}
        * 2 read src 0+4096
        * 2 ok 0+4096:src:0`),
      'a read finds zeroes where a write is under way, and nothing was zeroed': onPair(`
        * 1 write src 0+4096
        * 2 read src 0+4096
        * 2 ok 0+4096:zero
        * 1 ok`),
      'a read finds zeroes beside such a write': onPair(`
        * 1 zero src 0+65536
        * 1 ok
        * 2 write src 32768+65536
        * 3 read src 65536+65536
        * 3 ok 65536+65536:zero
        * 2 ok`),
      'a read after the pivot finds zeroes': onPair(`
        ${mirrorIsReady}${completed}
        * 1 read src 65536+4096
        * 1 ok 65536+4096:zero`),
      'a read after the pivot to an encrypted image finds zeroes': onPair(`
        ${write(1, '0+65536')}${pivotTo('driver=luks')}
        * 2 read src 0+131072
        * 2 ok 0+65536:zero 65536+65536:src:0`),
      'a read through a filter that the device was put on finds what was before': onPair(`
        > blockdev-add node-name=c driver=copy-on-read file=src
        < ok
        > device_add driver=virtio-blk-pci
        < GenericError: no
        > qom-set path=/machine/peripheral/guest-src/virtio-backend property=drive value=c
        < ok
        > blockdev-add node-name=q driver=quorum children=["src","dst"]
        < ok${write(1, '0+65536')}
        * 2 read src 0+65536
        * 2 ok 0+65536:src:0`),
    },
    kept: {
      'a read after the pivot to an encrypted image finds what was written': onPair(`
        ${write(1, '0+65536')}${pivotTo('driver=luks')}
        * 2 read src 0+131072
        * 2 ok 0+65536:src:1 65536+65536:src:0`),
      'a read after the pivot to a node that keeps nothing': onPair(`
        ${pivotTo('driver=null-co')}
        * 1 read src 0+65536
        * 1 ok 0+65536:zero`),
      'a read after a pivot to a copy that another job wrote to': onPair(`
        ${pivotTo('driver=luks')}
        > blockdev-backup job-id=j1 device=dst target=l sync=full
        < ok
        * 1 read src 0+65536
        * 1 ok 0+65536:zero`),
      'a read finds zeroes where a write that meets a zeroed cluster is under way': onPair(`
        * 1 zero src 0+65536
        * 1 ok
        * 2 write src 32768+65536
        * 3 read src 65536+4096
        * 3 ok 65536+4096:zero
        * 2 ok`),
      'the write ended while the read was under way': onPair(`
        * 1 write src 0+4096
        * 2 read src 0+4096
        * 1 ok
        * 2 ok 0+4096:src:0`),
      'the write began while the read was under way': onPair(`
        * 1 read src 0+4096
        * 2 write src 0+4096
        * 2 ok
        * 1 ok 0+4096:src:2`),
      'the read failed': onPair(`
        ${write(1, '0+4096')}
        * 2 read src 0+4096
        * 2 error 0+4096:src:0`),
    },
  }),
  ...about('integrity/sparse-copy', {
    broken: {
      'a copy fills its target': onSparse(`
        ${mirrorIsReady}${softCancel}
        ~ space image=dst occupiedBytes=1048576`),
    },
    kept: {
      'a copy occupies what its source has, and a cluster more': onSparse(`
        ${mirrorIsReady}${softCancel}
        ~ space image=dst occupiedBytes=131072`),
      'a copy that the guest wrote to, too': onSparse(`
        ${write(1, '524288+262144')}${mirrorIsReady}${softCancel}
        ~ space image=dst occupiedBytes=327680`),
      'two jobs wrote it': onSparse(`
        ${mirrorIsReady}${softCancel}
        > backup j1
        < ok
        ~ space image=dst occupiedBytes=1048576`),
    },
  }),
  ...about('integrity/commit-zeroes', {
    broken: {
      'zeroes are written out': onBacked(`
        * 1 zero src 65536+65536
        * 1 ok${committed}
        ~ space image=root occupiedBytes=0 data=[[0,131072]]`),
    },
    kept: {
      'zeroes are zero clusters': onBacked(`
        * 1 zero src 65536+65536
        * 1 ok${committed}
        ~ space image=root occupiedBytes=0 data=[[0,65536]]`),
      'less than a cluster was zeroed': onBacked(`
        * 1 zero src 65536+4096
        * 1 ok${committed}
        ~ space image=root occupiedBytes=0 data=[[0,131072]]`),
      'it was written to again': onBacked(`
        * 1 zero src 65536+65536
        * 1 ok
        ${write(2, '65536+512')}${committed}
        ~ space image=root occupiedBytes=0 data=[[0,131072]]`),
    },
  }),
  ...about('integrity/flushed', {
    broken: {
      'a write of before the flush is lost': onPair(`
        ${write(1, '0+65536')}
        * 2 flush src
        * 2 ok
        ${killed}
        = src ${whole}`),
      'a write with FUA is lost': onPair(`
        * 1 write src 0+65536 fua
        * 1 ok
        ${killed}
        = src ${whole}`),
    },
    kept: {
      'nobody flushed': onPair(`
        ${write(1, '0+65536')}
        ${killed}
        = src ${whole}`),
      'the flush began before the write ended': onPair(`
        * 1 write src 0+65536
        * 2 flush src
        * 1 ok
        * 2 ok
        ${killed}
        = src ${whole}`),
      'the flush failed': onPair(`
        ${write(1, '0+65536')}
        * 2 flush src
        * 2 error
        ${killed}
        = src ${whole}`),
    },
  }),
  ...about('integrity/mirror-copy', {
    broken: {
      'a write of before the cancel is not on the target': onPair(`
        ${mirrorIsReady}${write(1, '0+65536')}${softCancel}
        = dst ${whole}`),
      'a write of after the end is on the target': onPair(`
        ${mirrorIsReady}${softCancel}${write(1, '0+65536')}
        = dst 0+65536:src:1 65536+65536:src:0`),
      'a write of after the pivot is on the old source': onPair(`
        ${mirrorIsReady}${completed}${write(1, '0+65536')}
        = src 0+65536:src:1 65536+65536:src:0`),
      'the tail was not copied': onPair(`
        ${mirrorIsReady}${softCancel}
        = dst 0+130560:src:0 130560+512:zero`),
    },
    kept: {
      'the write was in flight when the mirror was cancelled': onPair(`
        ${mirrorIsReady}
        * 1 write src 0+65536
        > block-job-cancel j0
        < ok
        * 1 ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null
        = dst ${whole}`),
      'it was cancelled before it was READY': onPair(`
        > mirror j0
        ! j0 created running
        < ok
        > block-job-cancel j0
        < ok
        ! j0 aborting
        ! CANCELLED j0 1/100
        ! j0 concluded null
        = dst 0+131072:zero`),
      'the target is the target of another job as well': onPair(`
        ${mirrorIsReady}
        > backup j1
        ! j1 created running
        < ok${softCancel}
        = dst 0+131072:zero`),
    },
  }),
  ...about('integrity/mirror-top', {
    broken: {
      'what the top layer held is not on the target': onChain(`
        ${write(1, '0+65536')}
        > mirror j0 sync=top${isReady}${softCancel}
        = dst 0+131072:root:0`),
    },
    kept: {
      'it is there, and the backing file shows through': onChain(`
        ${write(1, '0+65536')}
        > mirror j0 sync=top${isReady}${softCancel}
        = dst 0+65536:src:1 65536+65536:root:0`),
    },
  }),
  ...about('integrity/backing-name', {
    broken: {
      'the header has the name that QEMU would give': onLayers(`
        > stream j0 base-node=root backing-file="root.qcow2"${ended}
        ~ space image=src occupiedBytes=0 backing={"file":"/d/root.qcow2","format":"qcow2"}`),
      'the header names nothing': onLayers(`
        > stream j0 base-node=root backing-file="root.qcow2"${ended}
        ~ space image=src occupiedBytes=0`),
      'a commit below has not changed the name': onLayers(`
        > commit j0 top-node=mid base-node=root backing-file="root.qcow2"${ended}
        ~ space image=src occupiedBytes=0 backing={"file":"mid.qcow2","format":"qcow2"}`),
      'change-backing-file does something else': onLayers(`
        > change-backing-file device=src image-node-name=src backing-file="other"
        < ok
        ~ space image=src occupiedBytes=0 backing={"file":"mid.qcow2"}`),
    },
    kept: {
      'it has the very name': onLayers(`
        > stream j0 base-node=root backing-file="root.qcow2"${ended}
        ~ space image=src occupiedBytes=0 backing={"file":"root.qcow2","format":"qcow2"}`),
      'a later job was given none': onLayers(`
        > stream j0 base-node=mid backing-file="mid.qcow2"${ended}
        > stream j0 base-node=root${ended}
        ~ space image=src occupiedBytes=0 backing={"file":"/d/root.qcow2","format":"qcow2"}`),
      'the job failed': onLayers(`
        > stream j0 base-node=root backing-file="root.qcow2"
        ! j0 created running
        < ok
        ! j0 aborting
        ! COMPLETED j0 1/100 error="Input/output error"
        ! j0 concluded null
        ~ space image=src occupiedBytes=0 backing={"file":"mid.qcow2"}`),
      'writes to the image failed': onLayers(`
        ~ fault fault={"fault":"inject","disk":"src","errno":"EIO","iotype":"write"} outcome=armed
        > stream j0 base-node=root backing-file="root.qcow2"${ended}
        ~ space image=src occupiedBytes=0 backing={"file":"mid.qcow2"}`),
    },
  }),
  ...about('integrity/backing-format', {
    broken: {
      'a stream gives the name alone': onLayers(`
        > stream j0 base-node=root${ended}
        ~ space image=src occupiedBytes=0 backing={"file":"/d/root.qcow2"}`),
      'under a name that was given': onLayers(`
        > stream j0 base-node=root backing-file="under"${ended}
        ~ space image=src occupiedBytes=0 backing={"file":"under","format":"raw"}`),
      'a commit below gives the name alone': onLayers(`
        > commit j0 top-node=mid base-node=root${ended}
        ~ space image=src occupiedBytes=0 backing={"file":"/d/root.qcow2"}`),
      'a raw file is called qcow2': onChain(`
        > stream j0 base-node=root${ended}
        ~ space image=src occupiedBytes=0 backing={"file":"/d/root.raw","format":"qcow2"}`),
    },
    kept: {
      'both are given': onLayers(`
        > stream j0 base-node=root${ended}
        ~ space image=src occupiedBytes=0 backing={"file":"/d/root.qcow2","format":"qcow2"}`),
      'a raw file goes by its protocol': onChain(`
        > stream j0 base-node=root${ended}
        ~ space image=src occupiedBytes=0 backing={"file":"/d/root.raw","format":"file"}`),
      'change-backing-file was given another name since': onLayers(`
        > stream j0 base-node=root${ended}
        > change-backing-file device=src image-node-name=src backing-file="root.qcow2"
        < ok
        ~ space image=src occupiedBytes=0 backing={"file":"root.qcow2"}`),
      'all was streamed': onLayers(`
        > stream j0${ended}
        ~ space image=src occupiedBytes=0`),
      'writes to the image failed': onLayers(`
        ~ fault fault={"fault":"inject","disk":"src","errno":"EIO","iotype":"write"} outcome=armed
        > stream j0 base-node=root${ended}
        ~ space image=src occupiedBytes=0 backing={"file":"/d/root.qcow2"}`),
    },
  }),
  ...about('integrity/compressed', {
    broken: {
      'a backup writes clusters as they are': onCompressible(`
        > backup j0 compress=true${ended}
        ~ space image=dst occupiedBytes=0 data=[[0,131072]]`),
    },
    kept: {
      'it has compressed them': onCompressible(`
        > backup j0 compress=true${ended}
        ~ space image=dst occupiedBytes=0 compressed=true`),
      'it was not to compress': onCompressible(`
        > backup j0${ended}
        ~ space image=dst occupiedBytes=0 data=[[0,131072]]`),
      'another backup wrote it, too': onCompressible(`
        > backup j0 compress=true${ended}
        > backup j1
        < ok
        ~ space image=dst occupiedBytes=0 data=[[0,131072]]`),
      'there is no data': onCompressible(`
        > backup j0 compress=true${ended}
        ~ space image=dst occupiedBytes=0 data=[]`),
    },
  }),
  ...about('integrity/discarded', {
    broken: {
      'what the guest overwrote is still kept': onKept(`
        ${write(1, '0+4096')}
        > blockdev-backup job-id=j0 device=past target=dst sync=full discard-source=true${ended}
        ~ space image=old occupiedBytes=0 data=[[0,65536]]`),
    },
    kept: {
      'it is given up': onKept(`
        ${write(1, '0+4096')}
        > blockdev-backup job-id=j0 device=past target=dst sync=full discard-source=true${ended}
        ~ space image=old occupiedBytes=0 data=[]`),
      'it was not to be': onKept(`
        ${write(1, '0+4096')}
        > blockdev-backup job-id=j0 device=past target=dst sync=full${ended}
        ~ space image=old occupiedBytes=0 data=[[0,65536]]`),
      'nothing can be discarded through that node': onKept(
        `
        ${write(1, '0+4096')}
        > blockdev-backup job-id=j0 device=past target=dst sync=full discard-source=true${ended}
        ~ space image=old occupiedBytes=0 data=[[0,65536]]`,
        {},
      ),
      'the job failed': onKept(`
        ${write(1, '0+4096')}
        > blockdev-backup job-id=j0 device=past target=dst sync=full discard-source=true
        ! j0 created running
        < ok
        ! j0 aborting
        ! COMPLETED j0 1/100 error="Input/output error"
        ! j0 concluded null
        ~ space image=old occupiedBytes=0 data=[[0,65536]]`),
      'a filter of another backup wrote there': onKept(`
        ${write(1, '0+4096')}
        > blockdev-backup job-id=j0 device=past target=dst sync=full discard-source=true${ended}
        > blockdev-backup step=1 job-id=j1 device=dst target=old sync=full${ended.replaceAll('j0', 'j1')}
        ~ space image=old occupiedBytes=0 data=[[0,65536]]`),
    },
  }),
  ...about('integrity/mirror-none', {
    broken: {
      'what was written meanwhile is not on the target': onPair(`
        > mirror j0 sync=none${isReady}${write(1, '0+65536')}${softCancel}
        = dst 0+131072:zero`),
      'elsewhere there is neither the old nor the new': onPair(`
        > mirror j0 sync=none${isReady}${softCancel}
        = dst 0+131072:byte:1`),
      'what nobody wrote meanwhile was copied': onPair(`
        > mirror j0 sync=none${isReady}${write(1, '0+65536')}${softCancel}
        = dst 0+65536:src:1 65536+65536:src:0`),
    },
    kept: {
      'the rest of a cluster came along': onPair(`
        > mirror j0 sync=none${isReady}${write(1, '0+4096')}${softCancel}
        = dst 0+4096:src:1 4096+61440:src:0 65536+65536:zero`),
      'the granularity is larger': onPair(`
        > mirror j0 sync=none granularity=131072${isReady}${write(1, '0+4096')}${softCancel}
        = dst 0+4096:src:1 4096+126976:src:0`),
      'a write was in flight when it was started': onPair(`
        * 1 write src 65536+4096
        > mirror j0 sync=none${isReady}
        * 1 ok${softCancel}
        = dst 0+65536:zero 65536+4096:src:1 69632+61440:src:0`),
      'what was written before is not on the target': onPair(`
        ${write(1, '0+65536')}
        > mirror j0 sync=none${isReady}${write(2, '65536+65536')}${softCancel}
        = dst 0+65536:zero 65536+65536:src:2`),
    },
  }),
  ...about('integrity/ready-quit', {
    broken: {
      'the last sector is not on the target': onPair(`
        ${mirrorIsReady}${quit}
        = dst 0+130560:src:0 130560+512:zero`),
    },
    kept: {
      'the guest has written since it was READY': onPair(`
        ${mirrorIsReady}${write(1, '0+65536')}${quit}
        = dst ${whole}`),
      'the guest may have written after READY, though it is told before': onPair(`
        > mirror j0
        ! j0 created running
        < ok
        ${write(1, '0+65536')}
        ! j0 ready
        ! READY j0 100/100${quit}
        = dst ${whole}`),
      'it was not READY': onPair(`
        > mirror j0
        ! j0 created running
        < ok${quit}
        = dst 0+131072:zero`),
    },
  }),
  ...about('integrity/write-blocking', {
    broken: {
      'a write of after READY is not on the target when QEMU is killed': onPair(`
        > mirror j0 copy-mode=write-blocking${isReady}${write(1, '0+65536')}${killed}
        = dst ${whole}`),
      'so it is, though a write to another grain was in flight when it got READY': onPair(`
        > mirror j0 copy-mode=write-blocking
        ! j0 created running
        < ok
        * 1 write src 65536+512
        ! j0 ready
        ! READY j0 100/100
        * 1 ok${write(2, '0+512')}${killed}
        = dst ${whole}`),
      'a write of after READY is not on the target when the mirror is cancelled by force': onPair(`
        > mirror j0 copy-mode=write-blocking${isReady}${write(1, '0+65536')}
        > job-cancel j0
        < ok
        ! j0 aborting
        ! CANCELLED j0 100/100
        ! j0 concluded null
        = dst ${whole}`),
    },
    kept: {
      'nobody asked for write-blocking': onPair(`
        ${mirrorIsReady}${write(1, '0+65536')}${killed}
        = dst ${whole}`),
      'the write was not acknowledged': onPair(`
        > mirror j0 copy-mode=write-blocking${isReady}
        * 1 write src 0+65536
        ${killed}
        = dst ${whole}`),
      'a write to the same grain was in flight when it got READY': onPair(`
        > mirror j0 copy-mode=write-blocking
        ! j0 created running
        < ok
        * 1 write src 512+512
        ! j0 ready
        ! READY j0 100/100
        * 1 ok${write(2, '0+512')}${killed}
        = dst ${whole}`),
    },
  }),
  ...about('integrity/backup', {
    broken: {
      'a write of after the start is in the backup': onPair(`
        > backup j0
        ! j0 created running
        < ok${write(1, '0+65536')}
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null
        = dst 0+65536:src:1 65536+65536:src:0`),
      'what a bitmap named was not copied': onPair(`${incremental()}
        = dst 0+131072:zero`),
      'what no bitmap named was copied': onPair(`${incremental({ sync: 'bitmap' })}
        = dst 0+65536:src:1 65536+65536:src:0`),
      'what the guest overwrote was not saved': onPair(`
        > backup j0 sync=none
        ! j0 created running
        < ok${write(1, '0+65536')}
        > block-job-cancel j0
        < ok
        ! j0 aborting
        ! CANCELLED j0 100/100
        ! j0 concluded null
        = dst 0+131072:zero`),
      'what nobody overwrote was saved': onPair(`
        > backup j0 sync=none${saved('4096')}
        = dst ${whole}`),
    },
    kept: {
      'what the guest overwrote was saved by whole clusters': onPair(`
        > backup j0 sync=none${saved('4096')}
        = dst 0+65536:src:0 65536+65536:zero`),
      'larger clusters were asked for': onPair(`
        > backup j0 sync=none x-perf={"min-cluster-size":131072}${saved('4096')}
        = dst ${whole}`),
      'what a bitmap named was copied, and nothing else': onPair(`${incremental()}
        = dst 0+65536:src:1 65536+65536:zero`),
      'the grains of the bitmap are not known': onPair(`${incremental({ queried: false })}
        = dst 0+65536:src:1 65536+65536:src:0`),
      'the write was in flight when the backup was started': onPair(`
        * 1 write src 0+65536
        > backup j0
        ! j0 created running
        < ok
        * 1 ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null
        = dst 0+65536:src:1 65536+65536:src:0`),
      'the guest writes to another image by then, and nothing is to be saved': told(
        { disks: [...pair.disks, disk('out')] },
        `
        ${mirrorIsReady}${completed}
        > blockdev-backup job-id=j1 device=src target=out sync=none
        ! j1 created running
        < ok${write(1, '0+65536')}
        > block-job-cancel j1
        < ok
        ! j1 aborting
        ! CANCELLED j1 100/100
        ! j1 concluded null
        = out 0+131072:zero`,
      ),
      'a failed backup holds what it holds': onPair(`
        > backup j0
        ! j0 created running
        < ok
        ! ERROR j0 write report
        ! j0 aborting
        ! COMPLETED j0 1/100 error="Input/output error"
        ! j0 concluded null
        = dst 0+131072:zero`),
    },
  }),
  ...about('integrity/stream-commit', {
    broken: {
      'what was committed is not in the base': onChain(`
        ${write(1, '0+65536')}
        > commit j0 base-node=base${isReady}${softCancel}
        = base 0+131072:root:0`),
    },
    kept: {
      'what was written after the end is not in the base': onChain(`
        ${write(1, '0+65536')}
        > commit j0 base-node=base${isReady}${softCancel}${write(2, '0+65536')}
        = base 0+65536:src:1 65536+65536:root:0`),
      'a commit that failed leaves half of it': onChain(`
        ${write(1, '0+65536')}
        > commit j0 base-node=base
        ! j0 created running
        < ok
        ! ERROR j0 write report
        ! j0 aborting
        ! COMPLETED j0 1/100 error="Input/output error"
        ! j0 concluded null
        = base 0+4096:src:1 4096+126976:root:0`),
    },
  }),
  ...about('integrity/untouched', {
    broken: {
      'a stream filled it, and it has changed': onChain(`
        > stream j0
        ! j0 created running
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null
        = dst 0+131072:zero`),
      'an image that no job was given has changed': onPair(`
        ${write(1, '0+65536')}
        = dst 0+65536:src:1 65536+65536:zero`),
      'the image below a snapshot has what was written later': onPair(`
        > blockdev-snapshot-sync node-name=src snapshot-file=/d/s0
        < ok
        ${write(1, '0+65536')}
        = src 0+65536:src:1 65536+65536:src:0`),
    },
    kept: {
      'the guest wrote before the snapshot': onPair(`
        ${write(1, '0+65536')}
        > blockdev-snapshot-sync node-name=src snapshot-file=/d/s0
        < ok
        = src 0+65536:src:1 65536+65536:src:0`),
      'a stream filled it, and its flushes failed': onFailing(`
        > stream j0
        ! j0 created running
        < ok
        ! j0 waiting pending
        ! COMPLETED j0 100/100
        ! j0 concluded null
        = src 0+131072:zero`),
      'a refused start may have left its target behind': onPair(`
        > mirror j0
        < GenericError: no
        = dst 0+131072:zero`),
    },
  }),
  ...about('integrity/readable', {
    broken: {
      'an image that was copied in full can not be opened': looked(`
        ${mirrorIsReady}${softCancel}
        ~ image claim=1 outcome=unreadable text="qemu-img map: Could not open '/tmp/mf-1/s1/q3/dst.raw': x"`),
      'its backing file can not be opened, and no filter explains it': looked(`
        ${mirrorIsReady}${softCancel}
        ~ image claim=1 outcome=unreadable text="qemu-img map: Could not open 'dst.raw': Could not open backing file: x"`),
      'an image that was closed in order can not be checked': {
        ...onChain('= src 0+131072:root:0 check={"outcome":"unreadable","text":"I/O\\u0020error"}'),
        after: [{ content: 'src' }],
      },
      'an image of the arena is gone': looked(`
        ~ image claim=0 outcome=absent text=gone`),
    },
    kept: {
      'QEMU was killed': looked(`
        ${mirrorIsReady}${softCancel}${killed}
        ~ image claim=1 outcome=unreadable text=x`),
      'what was to look at it was not there': looked(`
        ~ image claim=0 outcome=untried text="there is no qemu-img"`),
      'a job was cut while it wrote the image': looked(`
        > mirror j0
        ! j0 created running
        < ok
        > job-cancel j0 force=true
        < ok
        ! j0 aborting
        ! CANCELLED j0 50/100
        ! j0 concluded null
        ~ image claim=1 outcome=unreadable text=x`),
      'an image that a step was to make was never made': {
        arena: { disks: [disk('src')] },
        after: [{ content: { file: 'new.qcow2', format: 'qcow2' } }],
        story: '~ image claim=0 outcome=absent text=gone',
      },
      'its backing file was below a throttle node, whose name wants the throttle group': {
        arena: { disks: [{ ...disk('base'), layers: [{ throttle: { iops: 100 } }] }, disk('src')] },
        after: [{ content: 'src' }],
        story:
          '~ image claim=0 outcome=untried text="its header names a throttle group, which the session had"',
      },
      'its storage failed to write': {
        ...onFailing('~ image claim=0 outcome=unreadable text=x'),
        after: [{ content: 'src' }],
      },
    },
  }),
  ...about('integrity/image-check', {
    broken: {
      'clusters have leaked after an orderly end': onChain(`
        = base 0+131072:root:0 check={"outcome":"broken","text":"leaks\\u0020only:\\u00202\\u0020leaked\\u0020clusters"}`),
      'an image is corrupt, though QEMU was killed': onChain(`
        ${killed}
        = base 0+131072:root:0 check={"outcome":"broken","text":"corrupt:\\u00201\\u0020errors"}`),
    },
    kept: {
      'QEMU was killed while it made the image': onPair(`
        > drive-mirror job-id=j0 device=src target=/d/f0.qcow2 format=qcow2 sync=full
        ${killed}
        = f0.qcow2 0+0:zero check={"outcome":"broken","text":"corrupt:\\u00203\\u0020errors"}`),
      'clusters have leaked of an image that the QEMU at the other end held': told(
        {
          incoming: 'own',
          disks: [
            disk('src', { frontend: 'nbd' }),
            disk('there', { format: 'qcow2', servedBy: 'destination' }),
          ],
        },
        '= there 0+131072:zero check={"outcome":"broken","text":"leaks\\u0020only:\\u00201\\u0020leaked\\u0020clusters"}',
      ),
      'clusters have leaked where QEMU was killed': onChain(`
        ${killed}
        = base 0+131072:root:0 check={"outcome":"broken","text":"leaks\\u0020only:\\u00202\\u0020leaked\\u0020clusters"}`),
    },
  }),
  ...about('integrity/image-size', {
    broken: {
      'a snapshot is smaller than the image below it': onPair(`
        > blockdev-snapshot-sync node-name=src snapshot-file=/d/s0
        < ok
        = s0 0+65536:src:0`),
    },
    kept: {
      'it was resized': onPair(`
        > block_resize node-name=src size=65536
        < ok
        = src 0+65536:src:0`),
      'blkverify above it was resized, and passes that on to its raw child': told(
        { disks: [disk('src'), disk('twin')] },
        `
        > blockdev-add node-name=v driver=blkverify test=src raw=twin
        < ok
        > block_resize node-name=v size=65536
        < ok
        = src 0+131072:src:0
        = twin 0+65536:twin:0`,
      ),
      'a raw image has grown to a whole sector': told(
        { disks: [disk('odd', { sizeBytes: 1000, fill: 'full' })] },
        '= odd 0+1000:odd:0 1000+24:zero',
      ),
    },
  }),
];
