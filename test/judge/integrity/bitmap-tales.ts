import type { Disk } from '../../../src/sequence/arena.ts';
import { about, type Tale, type Told } from '../tale.ts';

const disk = (name: string, more: Partial<Disk> = {}): Disk => ({
  name,
  format: 'raw',
  sizeBytes: 2 ** 20,
  ...more,
});
const arena = { disks: [disk('src', { frontend: 'nbd' }), disk('dst'), disk('top', { format: 'qcow2' })] };
const told = (story: string): Told => ({ arena, story });

const bitmap = (verb: string, name = 'bm0', more = ''): string => `
  > block-dirty-bitmap-${verb} node="src" ${verb === 'merge' ? 'target' : 'name'}="${name}" ${more}
  < ok`;
const write = (request: number, where: string, op = 'write'): string => `
  * ${request} ${op} src ${where}
  * ${request} ok`;
/** What a query shows of src's bitmaps: so many bytes of each are dirty. */
const shows = (counts: Record<string, number>, grainBytes = 65_536): string => {
  const list = Object.entries(counts).map(([name, count]) => ({ name, count, granularity: grainBytes }));
  return `
  > query-named-block-nodes
  < ${JSON.stringify([{ 'node-name': 'src', 'dirty-bitmaps': list }])}`;
};
/** What an NBD client reads. */
const reads = (dirty: [number, number][], grainBytes = 65_536): string => `
  > block-export-add id="look" type="nbd" node-name="src" bitmaps=["bm0"]
  < ok
  ~ bitmap node="src" bitmap="bm0" granularityBytes=${grainBytes} dirty=${JSON.stringify(dirty)}`;
const backup = (mode: string, sync = 'incremental'): string => `
  > backup j0 sync="${sync}" bitmap="bm0" bitmap-mode="${mode}"
  ! j0 created running
  < ok`;
const done = '\n! j0 waiting pending concluded\n! COMPLETED j0 65536/65536\n! j0 null';
const failed = '\n! j0 aborting\n! COMPLETED j0 0/65536 error="Input/output error"\n! j0 concluded null';
const failedAt = (progress: string): string => failed.replace('0/65536', progress);
const cancelled = (progress: string): string => `
  > job-cancel j0
  < ok
  ! j0 aborting
  ! CANCELLED j0 ${progress}
  ! j0 concluded null`;
const grain = 65_536;
/** src as qcow2, whose file is looked at when QEMU has closed it. */
const filed = (story: string): Told => ({
  arena: {
    incoming: 'shared',
    disks: [disk('src', { format: 'qcow2', frontend: 'nbd' }), disk('dst')],
  },
  steps: [{ await: 'arrived' }],
  after: [{ content: 'src' }],
  story,
});
const kept = 'persistent=true';
const stored = (
  dirty: [number, number][] | 'no such bitmap',
  { name = 'bm0', inUse = false } = {},
): string => {
  const bitmaps = dirty === 'no such bitmap' ? [] : [{ bitmap: name, granularityBytes: grain, inUse, dirty }];
  return `
  > blockdev-del node-name="src"
  < ok
  ~ phase phase=after
  ~ stored-bitmaps image="src" bitmaps=${JSON.stringify(bitmaps)}`;
};
const migration = (how: string, mapping = ''): string => `
  > migrate-set-capabilities capabilities=[{"capability":"dirty-bitmaps","state":true}]
  < ok${
    mapping === ''
      ? ''
      : `
  > migrate-set-parameters block-bitmap-mapping=[{"node-name":"src","alias":"src","bitmaps":[${mapping}]}]
  < ok`
  }
  > migrate uri="exec:cat"
  < ok
  ! MIGRATION status="${how === 'failed' ? how : 'completed'}"${how === 'arrived' ? '\n  ~ await step=0 outcome=met waitedUs=1' : ''}`;

export const bitmapTales: readonly Tale[] = [
  ...about('integrity/bitmap-covers', {
    broken: {
      'a write is not counted': told(`${bitmap('add')}${write(1, '0+512')}${shows({ bm0: 0 })}`),
      'a write that lies in two grains is counted in one': told(
        `${bitmap('add')}${write(1, '65024+1024')}${shows({ bm0: grain })}`,
      ),
      'an NBD client finds a written grain clean': told(
        `${bitmap('add')}${write(1, '0+512')}${write(2, '131072+512', 'zero')}${reads([[0, grain]])}`,
      ),
      'what was written after a clear is gone': told(
        `${bitmap('add')}${bitmap('clear')}${write(1, '0+512')}${shows({ bm0: 0 })}`,
      ),
      'a merge brings nothing': told(
        `${bitmap('add')}${bitmap('add', 'bm1')}${write(1, '0+512')}${bitmap('clear')}${bitmap('merge', 'bm0', 'bitmaps=["bm1"]')}${shows({ bm0: 0 })}`,
      ),
      'a backup that failed has cleared its bitmap': told(
        `${bitmap('add')}${write(1, '0+512')}${backup('on-success')}${failed}${shows({ bm0: 0 })}`,
      ),
      'what was written during a backup is gone with it': told(
        `${bitmap('add')}${backup('on-success')}${write(1, '0+512')}${done}${shows({ bm0: 0 })}`,
      ),
      'a backup that is to leave its bitmap alone has cleared it': told(
        `${bitmap('add')}${write(1, '0+512')}${backup('never', 'bitmap')}${done}${shows({ bm0: 0 })}`,
      ),
      'the image has stored a bitmap without the write': filed(
        `${bitmap('add', 'bm0', kept)}${write(1, '0+512')}${stored([])}`,
      ),
      'a bitmap has lost a write on its way to another QEMU': filed(
        `${bitmap('add', 'bm0', kept)}${write(1, '0+512')}${migration('arrived')}${stored([])}`,
      ),
      'what came before a snapshot is gone': told(
        `${bitmap('add')}${write(1, '0+512')}
        > blockdev-snapshot node="src" overlay="top"
        < ok${shows({ bm0: 0 })}`,
      ),
    },
    kept: {
      'a write that is in flight need not be counted': told(
        `${bitmap('add')}
        * 1 write src 0+512${shows({ bm0: 0 })}`,
      ),
      'a write that began before the bitmap was there': told(
        `* 1 write src 0+512${bitmap('add')}
        * 1 ok${shows({ bm0: 0 })}`,
      ),
      'the image has stored every write': filed(
        `${bitmap('add', 'bm0', kept)}${write(1, '0+512')}${stored([[0, grain]])}`,
      ),
      'a bitmap that was not stored in order may say anything': {
        ...filed(`${bitmap('add', 'bm0', kept)}${write(1, '0+512')}${stored([], { inUse: true })}`),
        also: ['integrity/bitmap-stored'],
      },
      'a disabled bitmap counts nothing': told(
        `${bitmap('add', 'bm0', 'disabled=true')}${write(1, '0+512')}${shows({ bm0: 0 })}`,
      ),
      'a discard that may have done nothing': told(
        `${bitmap('add')}${write(1, '0+65536', 'discard')}${shows({ bm0: 0 })}`,
      ),
      'after a snapshot the overlay is written': told(
        `${bitmap('add')}
        > blockdev-snapshot node="src" overlay="top"
        < ok${write(1, '0+512')}${shows({ bm0: 0 })}`,
      ),
      'after a snapshot that names two nodes either may be written': told(
        `> blockdev-snapshot-sync device="dst" node-name="src" snapshot-file="/d/s0" snapshot-node-name="s0"
        < ok${bitmap('add')}${write(1, '0+512')}${shows({ bm0: 0 })}`,
      ),
      'a backup that has ended well takes what it copied': told(
        `${bitmap('add')}${write(1, '0+512')}${backup('on-success')}${done}${shows({ bm0: 0 })}`,
      ),
    },
  }),
  ...about('integrity/bitmap-stored', {
    broken: {
      'the image has no bitmap': filed(`${bitmap('add', 'bm0', kept)}${stored('no such bitmap')}`),
      'quit closes the image, and its bitmap is in use': filed(
        `${bitmap('add', 'bm0', kept)}
        > quit
        < ok
        ~ exit code=0 asked=true
        ~ phase phase=after
        ~ stored-bitmaps image="src" bitmaps=[{"bitmap":"bm0","granularityBytes":65536,"inUse":true,"dirty":[]}]`,
      ),
      'a bitmap that was removed is still there': filed(
        `${bitmap('add', 'bm0', kept)}${bitmap('remove')}${stored([])}`,
      ),
      'a migration that failed has taken it along': filed(
        `${bitmap('add', 'bm0', kept)}${migration('failed')}${stored('no such bitmap')}`,
      ),
      'a bitmap does not arrive under its alias': filed(
        `${bitmap('add', 'bm0', kept)}${migration('arrived', '{"name":"bm0","alias":"other"}')}${stored([])}`,
      ),
      'reads were made to fail, and work again': filed(
        `${bitmap('add', 'bm0', kept)}
        ~ fault step=0 outcome=armed fault={"fault":"inject","disk":"src","iotype":"read","errno":"EIO"}
        ~ fault step=1 outcome=armed fault={"fault":"lift","disk":"src"}${stored('no such bitmap')}`,
      ),
      'writes were made to fail, and work again before it is closed': filed(
        `${bitmap('add', 'bm0', kept)}
        ~ fault step=0 outcome=armed fault={"fault":"inject","disk":"src","iotype":"write","errno":"EIO"}
        > blockdev-reopen options=[{"driver":"qcow2","node-name":"src","file":"src-file"}]
        < ok
        > blockdev-del node-name="src-fault"
        < ok
        ~ fault step=1 outcome=armed fault={"fault":"lift","disk":"src"}${stored('no such bitmap')}`,
      ),
      'a bitmap that is made persistent on its way is not stored': filed(
        `${bitmap('add')}${migration('arrived', '{"name":"bm0","alias":"bm0","transform":{"persistent":true}}')}${stored('no such bitmap')}`,
      ),
    },
    kept: {
      'the image has it': filed(`${bitmap('add', 'bm0', kept)}${stored([])}`),
      'one that is not persistent need not be there': filed(`${bitmap('add')}${stored('no such bitmap')}`),
      'a machine has left with it, and has not been seen to arrive': filed(
        `${bitmap('add', 'bm0', kept)}${migration('arrived').replace(/!.*/s, '')}${stored('no such bitmap')}`,
      ),
      'the image is closed before the migration fails': filed(
        `${bitmap('add', 'bm0', kept)}${migration('failed').replace(/!.*/s, '')}${stored('no such bitmap').replace('~ phase', '! MIGRATION status="failed"\n  ~ phase')}`,
      ),
      'it arrives under its alias': filed(
        `${bitmap('add', 'bm0', kept)}${migration('arrived', '{"name":"bm0","alias":"other"}')}${stored([], { name: 'other' })}`,
      ),
      'one that is made transient on its way need not be there': filed(
        `${bitmap('add', 'bm0', kept)}${migration('arrived', '{"name":"bm0","alias":"bm0","transform":{"persistent":false}}')}${stored('no such bitmap')}`,
      ),
      'reads fail as it is closed': filed(
        `${bitmap('add', 'bm0', kept)}
        ~ fault step=0 outcome=armed fault={"fault":"inject","disk":"src","iotype":"read","errno":"EIO"}${stored('no such bitmap')}`,
      ),
      'a write to the image was made to fail': filed(
        `${bitmap('add', 'bm0', kept)}
        ~ fault step=0 outcome=armed fault={"fault":"inject","disk":"src","iotype":"write","errno":"EIO"}${stored('no such bitmap')}`,
      ),
    },
  }),
  ...about('integrity/bitmap-uncopied', {
    broken: {
      'a backup that failed has lost what it did not copy': told(
        `${bitmap('add')}${write(1, '0+131072')}${backup('always', 'bitmap')}${failedAt('65536/131072')}${shows({ bm0: 0 })}`,
      ),
      'one that was cancelled kept one grain of two': told(
        `${bitmap('add')}${write(1, '0+131072')}${backup('always', 'bitmap')}${cancelled('0/131072')}${shows({ bm0: grain })}`,
      ),
      'a backup of everything has lost what it did not copy': told(
        `${bitmap('add')}${backup('always', 'full')}${failedAt('65536/1048576')}${shows({ bm0: 14 * grain })}`,
      ),
      'an NBD client finds less than was left': told(
        `${bitmap('add')}${write(1, '0+131072')}${backup('always', 'bitmap')}${failedAt('0/131072')}${reads([[0, grain]])}`,
      ),
      'what was left does not get through a merge': told(
        `${bitmap('add')}${bitmap('add', 'bm1')}${write(1, '0+512')}${backup('always', 'bitmap')}${failedAt('0/65536')}${bitmap('clear', 'bm1')}${bitmap('merge', 'bm1', 'bitmaps=["bm0"]')}${shows({ bm0: grain, bm1: 0 })}`,
      ),
    },
    kept: {
      'what was left is dirty, wherever it is': told(
        `${bitmap('add')}${write(1, '0+131072')}${backup('always', 'bitmap')}${failedAt('65536/131072')}${shows({ bm0: grain })}`,
      ),
      'another mode keeps nothing but what was there': told(
        `${bitmap('add')}${backup('on-success', 'full')}${failedAt('0/1048576')}${shows({ bm0: 0 })}`,
      ),
      'it was cleared afterwards': told(
        `${bitmap('add')}${write(1, '0+512')}${backup('always', 'bitmap')}${failedAt('0/65536')}${bitmap('clear')}${shows({ bm0: 0 })}`,
      ),
      'the next backup has copied it': told(
        `${bitmap('add')}${write(1, '0+512')}${backup('always', 'bitmap')}${failedAt('0/65536')}${backup('always', 'bitmap')}${done}${shows({ bm0: 0 })}`,
      ),
      'a request of the guest is in flight at its end': told(
        `${bitmap('add', 'bm0', 'disabled=true')}${backup('always', 'full')}
        * 1 write src 0+65536${failedAt('983040/1048576')}
        * 1 ok${shows({ bm0: 0 })}`,
      ),
      'its last cluster lies partly behind the end of the disk': {
        arena: {
          disks: [
            disk('src', { sizeBytes: 65_536 + 512, frontend: 'nbd' }),
            disk('dst', { sizeBytes: 65_536 + 512 }),
          ],
        },
        story: `${bitmap('add')}${backup('always', 'full')}${failedAt('65536/131072')}${shows({ bm0: 512 }, 512)}`,
      },
      'whatever copies to a vdi image has clusters of another size': {
        arena: { disks: [...arena.disks, disk('other', { format: 'vdi' })] },
        story: `${bitmap('add')}${backup('always', 'full').replace('j0', 'j0 target="other"')}${failedAt('0/1048576')}${shows({ bm0: 0 })}`,
      },
    },
  }),
  ...about('integrity/bitmap-exact', {
    broken: {
      'nothing was written, and a grain is dirty': told(`${bitmap('add')}${shows({ bm0: grain })}`),
      'an NBD client finds the grain beside the written one dirty': told(
        `${bitmap('add')}${write(1, '0+512')}${reads([[0, 2 * grain]])}`,
      ),
      'the image has stored more than was written': filed(
        `${bitmap('add', 'bm0', kept)}${write(1, '0+512')}${stored([[0, 2 * grain]])}`,
      ),
      'a clear leaves something': told(
        `${bitmap('add')}${write(1, '0+512')}${bitmap('clear')}${shows({ bm0: grain })}`,
      ),
      'a disabled bitmap counts a write': told(
        `${bitmap('add', 'bm0', 'disabled=true')}${write(1, '0+512')}${shows({ bm0: grain })}`,
      ),
      'a source of a merge is changed by it': told(
        `${bitmap('add')}${write(1, '0+512')}${bitmap('add', 'bm1')}${bitmap('merge', 'bm0', 'bitmaps=["bm1"]')}${shows({ bm0: grain, bm1: grain })}`,
      ),
      'a backup that has ended well leaves its bitmap as it was': told(
        `${bitmap('add')}${write(1, '0+512')}${backup('on-success')}${done}${shows({ bm0: grain })}`,
      ),
    },
    kept: {
      'a grain is dirty as a whole': told(
        `${bitmap('add')}${write(1, '65024+1024')}${shows({ bm0: 2 * grain })}`,
      ),
      'a write that is in flight may be counted': told(
        `${bitmap('add')}
        * 1 write src 0+512${shows({ bm0: grain })}`,
      ),
      'a backup of everything that failed names what it has not copied': told(
        `${bitmap('add')}${backup('always', 'full')}${failed}${shows({ bm0: 16 * grain })}`,
      ),
      'a backup that failed gives back what it copies at a time': {
        arena: { disks: [...arena.disks, disk('copy', { format: 'qcow2', clusterBytes: 2 ** 18 })] },
        story: `${bitmap('add')}${write(1, '0+512')}${backup('always', 'bitmap')}${failed}${shows({ bm0: 4 * grain })}`,
      },
      'another job writes to the node': told(
        `${bitmap('add')}
        > mirror j0 device="dst" target="src"
        ! j0 created running
        < ok${shows({ bm0: 16 * grain })}`,
      ),
      'a merge brings the grains of its source': told(
        `${bitmap('add')}${bitmap('add', 'bm1')}${write(1, '0+512')}${bitmap('clear')}${bitmap('merge', 'bm0', 'bitmaps=["bm1"]')}${shows({ bm0: grain, bm1: grain })}`,
      ),
    },
  }),
];
