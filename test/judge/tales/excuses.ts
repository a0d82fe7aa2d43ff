import type { Arena, Disk } from '../../../src/sequence/arena.ts';
import { about, type Tale, type Told } from '../tale.ts';

const disk = (name: string, more: Partial<Disk> = {}): Disk => ({
  name,
  format: 'raw',
  sizeBytes: 2 ** 20,
  ...more,
});
const waits = (seconds: number): Disk['storage'] => ({ nbd: { reconnectDelaySeconds: seconds } });
const target = (more: Partial<Disk>): Arena => ({ disks: [disk('src'), disk('dst', more)] });
const away = target({ storage: 'nbd' });
const serverIs = (is: string, on = 'dst'): string =>
  `
  ~ fault step=0 outcome=armed fault=${JSON.stringify({ fault: 'server', disk: on, is })}`;
const fault = (what: object): string => `
  ~ step step=0
  ~ fault step=0 outcome=armed fault=${JSON.stringify(what)}`;

const mirror = `
  > mirror j0
  ! j0 created running
  < ok`;
const readyMirror = `
  > mirror j0 on-target-error=ignore
  ! j0 created running
  < ok
  ! j0 ready
  ! READY j0 100/100`;
const told = (verb: string): string => `
  > ${verb} j0
  < ok
  + 3000 ms
  > query-jobs`;
const stands = `
  > query-block-jobs
  < jobs j0 running 50/100 paused=false
  + 3000 ms
  > query-block-jobs
  < jobs j0 running 50/100 paused=false`;
const quits = `
  > quit
  < ok
  ~ phase phase=settle
  + 10000 ms
  ~ expired what=quit deadlineMs=10000`;
const writes = '* 1 write src 0+4096';
const given = `
  ~ phase phase=settle
  + 6000 ms
  ~ expired what=guest id=1 deadlineMs=20000`;
const inArena = (arena: Arena, story: string): Told => ({ arena, story });
const limit = (bps: number, more = 'device=src'): string => `
  > block_set_io_throttle step=0 ${more} bps=${bps} bps_rd=0 bps_wr=0 iops=0 iops_rd=0 iops_wr=0
  < ok`;
const throttles = `
  > blockdev-add step=0 driver=throttle node-name=slow throttle-group=g file=src
  < ok`;
const throttled: Arena = { disks: [disk('src', { layers: [{ throttle: {} }] })] };

/** What excuses a rule ends with its cause: a server that is back, a limit that was lifted, an error that is over. */
export const excuseTales: readonly Tale[] = [
  ...about('hang/pause', {
    broken: {
      'a server is gone, for which no request waits': inArena(
        away,
        `${mirror}${serverIs('killed')}${told('job-pause')}`,
      ),
      'its client waits for a second': inArena(
        target({ storage: waits(1) }),
        `${mirror}${serverIs('killed')}${told('job-pause').replace('3000', '4000')}`,
      ),
      'a server was frozen, and is well again': inArena(
        away,
        `${mirror}${serverIs('suspended')}${serverIs('well')}
        + 1000 ms${told('job-pause').replace('3000', '4000')}`,
      ),
      'a node that throttles was deleted before': inArena(
        target({}),
        `${throttles}
        > blockdev-del step=0 node-name=slow
        < ok${mirror}${told('job-pause')}`,
      ),
      'a server is frozen that the job has nothing to do with': inArena(
        { disks: [...away.disks, disk('other', { storage: 'nbd' })] },
        `${mirror}${serverIs('suspended', 'other')}${told('job-pause')}`,
      ),
    },
    kept: {
      'there is a node that throttles': inArena(target({}), `${throttles}${mirror}${told('job-pause')}`),
      'its server is frozen': inArena(away, `${mirror}${serverIs('suspended')}${told('job-pause')}`),
      'its client waits for five seconds': inArena(
        target({ storage: waits(5) }),
        `${mirror}${serverIs('killed')}${told('job-pause')}`,
      ),
      'its server is reached by a driver that says not how long it waits': inArena(
        target({ storage: 'iscsi' }),
        `${mirror}${serverIs('killed')}${told('job-pause')}`,
      ),
    },
  }),
  ...about('hang/cancel', {
    broken: {
      'its target has no server, and the client would wait for half a minute': inArena(
        target({ storage: waits(30) }),
        `${mirror}${serverIs('killed')}${told('job-cancel')}`,
      ),
    },
    kept: {
      'it is the source whose client waits': inArena(
        { disks: [disk('src', { storage: waits(30) }), disk('dst')] },
        `${mirror}${serverIs('killed', 'src')}${told('job-cancel')}`,
      ),
      'its target is qcow2, which does not tell the client below it': inArena(
        target({ format: 'qcow2', storage: waits(30) }),
        `${mirror}${serverIs('killed')}${told('job-cancel')}`,
      ),
      'its server is frozen': inArena(away, `${mirror}${serverIs('suspended')}${told('job-cancel')}`),
    },
  }),
  ...about('hang/complete', {
    broken: {
      'the error that it has met was lifted before': inArena(
        target({ layers: [{ blkdebug: [] }] }),
        `${readyMirror}${fault({ fault: 'inject', disk: 'dst', errno: 'EIO', iotype: 'write' })}
        ! ERROR j0 write ignore
        ${fault({ fault: 'lift', disk: 'dst' })}${told('job-complete')}`,
      ),
      'the guest wrote before it was started, and reads': inArena(
        target({}),
        `* 1 write src 0+4096
        * 1 ok${readyMirror}
        * 2 read src 0+4096${told('job-complete')}`,
      ),
    },
    kept: {
      'the error is still there': inArena(
        target({ layers: [{ blkdebug: [] }] }),
        `${readyMirror}${fault({ fault: 'inject', disk: 'dst', errno: 'EIO', iotype: 'write' })}
        ! ERROR j0 write ignore${told('job-complete')}`,
      ),
      'the write that was begun before it was started goes on': inArena(
        target({}),
        `* 1 write src 0+4096${readyMirror}${told('job-complete')}`,
      ),
      'copy-on-read writes what the guest reads': inArena(
        { ...target({}), nodes: [{ driver: 'copy-on-read', 'node-name': 'cor', file: 'src' }] },
        `${readyMirror}
        * 2 read src 0+4096${told('job-complete')}`,
      ),
    },
  }),
  ...about('hang/no-progress', {
    broken: {
      'its server was frozen, and is well again': inArena(
        away,
        `${mirror}${serverIs('suspended')}${serverIs('well')}
        + 1000 ms${stands}`,
      ),
    },
    kept: {
      'its server is frozen': inArena(away, `${mirror}${serverIs('suspended')}${stands}`),
    },
  }),
  ...about('hang/guest-request', {
    broken: {
      'a server was frozen before': inArena(
        away,
        `${serverIs('suspended')}${serverIs('well')}
        ${writes}${given}`,
      ),
      'its disk was throttled until all limits were lifted': inArena(
        throttled,
        `${fault({ fault: 'throttle', disk: 'src', bytesPerSecond: 1 })}
        ${writes}
        ~ phase phase=settle
        > qom-set path=x property=limits value={"bps-total":0}
        < ok
        > transaction actions=[]
        < ok${given}`,
      ),
      'its device was limited until all limits were 0': `${limit(1)}
        ${writes}${limit(0)}${given}`,
      'a node throttles it whose group has no limits': inArena(
        {
          disks: [disk('src', { through: 'slow' })],
          nodes: [{ driver: 'throttle', 'node-name': 'slow', 'throttle-group': 'group0', file: 'src' }],
          throttleGroups: ['group0'],
        },
        `${writes}${given}`,
      ),
      'a snapshot was made of a node that is called after its throttle': `
        > blockdev-snapshot step=0 node=throttle-src overlay=above
        < ok
        ${writes}${given}`,
      'the machine was stopped, and goes on': `
        > stop
        < ok
        > cont
        < ok
        ${writes}${given}`,
      'its export was to be taken away, which was refused': `
        > block-export-del id=e
        < GenericError: export 'e' still in use
        ${writes}${given}`,
    },
    kept: {
      'a frozen server is well only now': inArena(
        away,
        `${serverIs('suspended')}
        ${writes}${given.replace('6000', '5500')}`,
      ),
      'its limits were lifted only now': inArena(
        throttled,
        `${fault({ fault: 'throttle', disk: 'src', bytesPerSecond: 1 })}
        ${writes}
        ~ phase phase=settle
        + 6000 ms
        > qom-set path=x property=limits value={"bps-total":0}
        < ok
        > transaction actions=[]
        < ok
        ~ expired what=guest id=1 deadlineMs=20000`,
      ),
      'its device is limited': `${limit(1)}
        ${writes}${given}`,
      'it is limited with a group': `${limit(1, 'device=src group=g')}
        ${writes}${limit(0)}${given}`,
      'the limits of another device were set to 0': `${limit(1)}
        ${writes}${limit(0, 'device=dst')}${given}`,
      'the machine was stopped': `
        > stop
        < ok
        ${writes}${given}`,
    },
  }),
  ...about('hang/command', {
    broken: {
      'a server is gone, for which no request waits': inArena(
        away,
        `${mirror}${serverIs('killed')}
        > block_resize node-name=dst size=1024
        + 5000 ms
        ~ expired what=command id=m2 deadlineMs=5000`,
      ),
    },
    kept: {
      'its client waits for it': inArena(
        target({ storage: waits(5) }),
        `${mirror}${serverIs('killed')}
        > block_resize node-name=dst size=1024
        + 5000 ms
        ~ expired what=command id=m2 deadlineMs=5000`,
      ),
      'a job that ignores the errors of its server floods the monitor': inArena(
        away,
        `${mirror.replace('mirror j0', 'mirror j0 on-target-error=ignore')}${serverIs('killed')}
        ! ERROR j0 write ignore
        > block_resize node-name=dst size=1024
        + 5000 ms
        ~ expired what=command id=m2 deadlineMs=5000`,
      ),
    },
  }),
  ...about('hang/settle', {
    broken: {
      'QEMU stays after quit, though its client waits for a second at most': inArena(
        target({ storage: waits(1) }),
        `${serverIs('killed')}${quits}`,
      ),
      'QEMU stays after quit, and there was an error once': inArena(
        target({ layers: [{ blkdebug: [] }] }),
        `${fault({ fault: 'inject', disk: 'dst', errno: 'EIO' })}${fault({ fault: 'lift', disk: 'dst' })}${quits}`,
      ),
    },
    kept: {
      'its client waits for nine seconds': inArena(
        target({ storage: waits(9) }),
        `${serverIs('killed')}${quits}`,
      ),
      'QEMU stays after quit, and nobody mends the frozen server': inArena(
        away,
        `${serverIs('suspended')}${quits}`,
      ),
    },
  }),
];
