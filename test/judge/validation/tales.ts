import { about, type Tale } from '../tale.ts';

const disks = [
  { name: 'src', format: 'qcow2', sizeBytes: 1_048_576 },
  { name: 'dst', format: 'raw', sizeBytes: 1_048_576 },
] as const;
const opened = `
  > blockdev-add driver=null-co node-name=src
  < ok
  > blockdev-add driver=null-co node-name=dst
  < ok`;
const refused = '< GenericError: no';
const exported = { disks: [{ ...disks[0], frontend: 'nbd' as const }, disks[1]] };
const wrote = `
  * 1 write src 0+512
  * 1 ok`;
const mirror = 'blockdev-mirror job-id=j0 device=src target=dst sync=full';

/** The plain mirror with one member set otherwise. */
function mirrorWith(member: string): string {
  const [key] = member.split('=');
  const others = mirror.split(' ').filter((word) => !word.startsWith(`${key}=`));
  return [...others, member].join(' ');
}

/** Commands that must be refused, or accepted. */
export const validationTales: readonly Tale[] = [
  ...about('validation/unknown-command', {
    broken: {
      'a command of old succeeds': `
        > __com.redhat_drive-mirror device=d
        < ok`,
      'a command that is none is refused in the wrong class': `
        > nope
        < GenericError: The command nope has not been found`,
      'capabilities are negotiated twice': `
        > qmp_capabilities
        < ok`,
    },
    kept: {
      'it is not found': `
        > Query-Jobs
        < CommandNotFound: The command Query-Jobs has not been found`,
      'capabilities are asked for again, and wrongly': `
        > qmp_capabilities enable=oob
        < GenericError: Invalid parameter type for 'enable', expected: array`,
      'it is not answered': '> nope',
    },
  }),

  ...about('validation/out-of-band', {
    broken: {
      'a query is answered out of band':
        '~ command name=query-jobs id=m1 args={} oob=true\n ~ reply id=m1 return=[]',
    },
    kept: {
      'a query is refused out of band':
        '~ command name=query-jobs id=m1 args={} oob=true\n ~ reply id=m1 error={"class":"GenericError","desc":"OOB"}',
    },
  }),

  ...about('validation/arguments', {
    broken: {
      'a member is missing': `
        > block-job-set-speed device=j0
        < ok`,
      'a member is unexpected': `
        > query-jobs more=1
        < []`,
      'a text is not a number': `
        > block-job-set-speed device=j0 speed="5"
        < DeviceNotActive: Block job 'j0' not found`,
      'a fraction is not a whole number': `
        > block-job-set-speed device=j0 speed=0.5
        < ok`,
      'an enum has no such value': `${opened}
        > ${mirror.replace('full', 'half')}
        < ok`,
      'a member far down is missing': `
        > blockdev-add driver=qcow2 node-name=x file={"driver":"file"}
        < ok`,
    },
    kept: {
      'all of these are refused': `
        > block-job-set-speed device=j0
        ${refused}
        > query-jobs more=1
        ${refused}
        > blockdev-add driver=qcow2 node-name=x file={"driver":"file"}
        ${refused}`,
      'what 2^63 was on the wire is no longer known': `
        > block-job-set-speed device=j0 speed=9223372036854775807
        < DeviceNotActive: Block job 'j0' not found
        > block_set_io_throttle
        < CommandNotFound: none`,
      'a reference may be a name or a node': `
        > blockdev-add driver=raw node-name=x file=y
        < ok
        > blockdev-add driver=raw node-name=z file={"driver":"null-co"}
        < ok`,
    },
  }),

  ...about('validation/unknown-job', {
    broken: {
      'a job that never was is cancelled': `
        > block-job-cancel device=nope force=true
        < ok`,
      'the class is that of the other family': `
        > block-job-pause device=nope
        < GenericError: Block job 'nope' not found`,
      'and the other way round': `
        > job-pause id=nope
        < DeviceNotActive: Job not found`,
      'a negative speed is not looked at before the job': `
        > block-job-set-speed device=nope speed=-1
        < GenericError: Parameter 'speed' expects a non-negative value`,
    },
    kept: {
      'it is not found': `
        > block-job-dismiss id=nope
        < DeviceNotActive: Block job 'nope' not found
        > job-dismiss id=nope
        < GenericError: Job not found`,
      'it is created while the command waits': `${opened}
        > ${mirror}
        > block-job-pause device=j0
        ! j0 created running
        < ok
        < ok`,
      'the speed may be what is refused': {
        story: `
        > block-job-set-speed device=nope speed=1 step=0
        < GenericError: Invalid parameter type for 'speed', expected: integer`,
        steps: [{ qmp: 'block-job-set-speed', args: { device: 'nope', speed: { number: '1.0' } } }],
      },
    },
  }),

  ...about('validation/unknown-node', {
    broken: {
      'a mirror of nothing starts': `
        > ${mirror}
        ! j0 created running
        < ok`,
      'a mirror onto nothing starts': `
        > blockdev-add driver=null-co node-name=src
        < ok
        > ${mirror}
        < ok`,
      'block-commit says it as the others do': `
        > block-commit job-id=j0 device=zz
        < GenericError: Cannot find device='zz' nor node-name='zz'`,
      'the others say it as block-commit does': `
        > block-stream job-id=j0 device=zz
        < DeviceNotFound: Device 'zz' not found`,
      'nothing is deleted': `
        > blockdev-del node-name=zz
        < ok`,
    },
    kept: {
      'it is refused': `
        > ${mirror}
        ${refused}
        > block-commit job-id=j0 device=zz
        < DeviceNotFound: Device 'zz' not found
        > blockdev-del node-name=zz
        ${refused}`,
      'the base may be looked up before the device': `${opened}
        > block-commit job-id=j0 device=src base-node=zz
        ${refused}`,
      'the node stands inside another': `
        > blockdev-add driver=raw node-name=top file={"driver":"null-co","node-name":"src"}
        < ok
        > block-dirty-bitmap-add node=src name=b
        < ok`,
      'the node stands in a file name of JSON': {
        story: `
        > blockdev-add driver=raw node-name=top file={"driver":"file","filename":"json:{driver:null-co,node-name:src}"}
        < ok
        > block-dirty-bitmap-add node=src name=b
        < ok`,
      },
      'the drive stands on a line of the human monitor': {
        story: `
        > human-monitor-command command-line="drive_add\u00200\u0020if=none,id=src"
        < "OK"
        > block-stream job-id=j0 device=src
        < ok`,
        flavour: 'system',
        also: ['validation/unknown-command'], // by the daemon's schema
      },
      'raw bytes may have made it': `
        ~ raw-sent text=x sizeBytes=1
        > block-stream job-id=j0 device=zz
        < ok`,
      'QEMU names nodes itself': `
        > blockdev-mirror job-id=j0 device=#block1 target=#block2 sync=full
        < ok`,
    },
  }),

  ...about('validation/start-arguments', {
    broken: Object.fromEntries([
      ...[
        'granularity=513',
        'granularity=1',
        'granularity=134217728',
        'granularity=4294967808',
        'granularity=-512',
        'buf-size=-1',
        'speed=-1',
        'sync=incremental',
        'target=src',
        'job-id=1a',
        'job-id="a\\u0020b"',
        'job-id=""',
      ].map((wrong) => [`a mirror starts with ${wrong}`, `${opened}\n > ${mirrorWith(wrong)}\n < ok`]),
      ...['{"max-workers":0}', '{"max-workers":2147483648}', '{"max-chunk":-1}'].map((wrong) => [
        `a backup starts with x-perf=${wrong}`,
        `${opened}\n > blockdev-backup job-id=j0 device=src target=dst sync=full x-perf=${wrong}\n < ok`,
      ]),
    ]),
    kept: {
      'the limits themselves are in range': `${opened}
        > ${mirror} granularity=512
        < ok
        > ${mirror.replace('j0', 'j1')} granularity=67108864 buf-size=0 speed=0
        < ok
        > ${mirror.replace('j0', 'a.b-c_D9')} granularity=0 buf-size=1
        < ok`,
      'they are refused': `${opened}
        > ${mirror} granularity=513
        ${refused}
        > ${mirror} buf-size=-1
        ${refused}`,
      'a backup works with one worker, and chunks of any length': `${opened}
        > blockdev-backup job-id=j0 device=src target=dst sync=full x-perf={"max-workers":1,"max-chunk":0}
        < ok`,
      'a backup may be of a bitmap': `${opened}
        > blockdev-backup job-id=j0 device=src target=dst sync=incremental bitmap=b
        < ok`,
    },
  }),

  ...about('validation/conflicting-arguments', {
    broken: Object.fromEntries(
      [
        'block-stream job-id=j0 device=src base=/b base-node=dst',
        'block-stream job-id=j0 device=src base=/b bottom=dst',
        'block-stream job-id=j0 device=src backing-file=b',
        'block-commit job-id=j0 device=src top=/t top-node=dst',
        'block-commit job-id=j0 device=src base=/b base-node=dst',
        'drive-mirror job-id=j0 device=src target=/t sync=full replaces=src',
        'blockdev-backup job-id=j0 device=src target=dst sync=full bitmap=b',
        'blockdev-backup job-id=j0 device=src target=dst sync=bitmap bitmap=b',
        'drive-backup job-id=j0 device=src target=/t sync=full bitmap-mode=always',
        'blockdev-backup job-id=j0 device=src target=dst sync=none bitmap=b bitmap-mode=always',
        'blockdev-backup job-id=j0 device=src target=dst sync=incremental bitmap=b bitmap-mode=always',
        'blockdev-backup job-id=j0 device=src target=dst sync=full bitmap=b bitmap-mode=never',
      ].map((start) => [start, `${opened}\n > ${start}\n < ok`]),
    ),
    kept: {
      'each has what it wants': `${opened}
        > block-stream job-id=j0 device=src base-node=dst backing-file=b
        < ok
        > block-stream job-id=j1 device=src bottom=dst backing-file=b
        < ok
        > drive-mirror job-id=j2 device=src target=/t sync=full replaces=src node-name=n
        < ok
        > blockdev-backup job-id=j3 device=src target=dst sync=full bitmap=b bitmap-mode=always
        < ok
        > blockdev-backup job-id=j4 device=src target=dst sync=bitmap bitmap=b bitmap-mode=never
        < ok
        > blockdev-backup job-id=j5 device=src target=dst sync=incremental bitmap=b bitmap-mode=on-success
        < ok
        > blockdev-backup job-id=j6 device=src target=dst sync=incremental bitmap=b
        < ok`,
      'they are refused': `${opened}
        > block-stream job-id=j0 device=src base=/b base-node=dst
        ${refused}`,
    },
  }),

  ...about('validation/id-in-use', {
    broken: {
      'a second job starts under the id': `${opened}
        > ${mirror}
        ! j0 created running
        < ok
        > block-stream job-id=j0 device=dst
        < ok`,
    },
    kept: {
      'it is refused': `${opened}
        > ${mirror}
        ! j0 created running
        < ok
        > block-stream job-id=j0 device=dst
        ${refused}`,
      'the first is gone by then': `${opened}
        > ${mirror}
        ! j0 created running
        < ok
        > block-stream job-id=j0 device=dst
        ! j0 aborting concluded null
        ! j0 created running
        < ok`,
    },
  }),

  ...about('graph/node-held', {
    broken: {
      'the source of a running mirror is deleted': {
        story: `${opened}
          > ${mirror}
          ! j0 created running
          < ok
          > blockdev-del node-name=src
          < ok`,
        arena: { disks: [...disks] },
      },
      'the target of a READY mirror is given to another': {
        story: `${opened}
          > ${mirror}
          ! j0 created running ready
          ! READY j0 100/100
          < ok
          > blockdev-add driver=null-co node-name=src2
          < ok
          > blockdev-mirror job-id=j1 device=src2 target=dst sync=full
          < ok`,
        arena: { disks: [...disks, { name: 'src2', format: 'raw', sizeBytes: 1_048_576 }] },
      },
    },
    kept: {
      'the device beside its node’s name is another one': {
        story: `${opened}
          > ${mirror}
          ! j0 created running
          < ok
          > block_resize device=drive-other node-name=dst size=0
          < ok`,
        arena: { disks: [...disks] },
      },
      'a busy node’s name stands where a drive’s belongs, beside the name of a free one': {
        story: `${opened}
          > ${mirror}
          ! j0 created running
          < ok
          > blockdev-add driver=null-co node-name=src2
          < ok
          > blockdev-snapshot-sync device=dst node-name=src2 snapshot-file=m1 snapshot-node-name=a
          < ok`,
        arena: { disks: [...disks, { name: 'src2', format: 'raw', sizeBytes: 1_048_576 }] },
      },
      'it is refused': {
        story: `${opened}
          > ${mirror}
          ! j0 created running
          < ok
          > blockdev-del node-name=src
          ${refused}`,
        arena: { disks: [...disks] },
      },
      'the mirror has ended, and another job has its id': {
        story: `${opened}
          > ${mirror}
          ! j0 created running ready
          ! READY j0 100/100
          < ok
          > block-job-cancel j0
          < ok
          ! j0 waiting pending
          ! COMPLETED j0 100/100
          ! j0 concluded null
          > backup j0
          ! j0 created running
          < ok
          > blockdev-mirror job-id=j1 device=dst target=src sync=full
          < ok`,
        arena: { disks: [...disks] },
      },
      'the mirror ended while the command was handled': {
        story: `${opened}
          > ${mirror}
          ! j0 created running
          < ok
          > blockdev-del node-name=src
          ! j0 aborting concluded null
          < ok`,
        arena: { disks: [...disks] },
      },
      'the node has its name from a step, and may be another': `${opened}
        > ${mirror}
        ! j0 created running
        < ok
        > blockdev-del node-name=src
        < ok`,
    },
  }),

  ...about('graph/unfit-target', {
    broken: {
      'a mirror to a read-only disk starts': {
        story: `${opened}
          > ${mirror}
          ! j0 created running
          < ok`,
        arena: { disks: [disks[0], { ...disks[1], readOnly: true }] },
      },
    },
    kept: {
      'it is refused': {
        story: `${opened}
          > ${mirror}
          ${refused}`,
        arena: { disks: [disks[0], { ...disks[1], readOnly: true }] },
      },
      'a step has reopened it before': {
        story: `${opened}
          > blockdev-reopen step=0 options=[]
          < ok
          > ${mirror}
          ! j0 created running
          < ok`,
        arena: { disks: [disks[0], { ...disks[1], readOnly: true }] },
      },
    },
  }),

  ...about('validation/leaves-nothing', {
    broken: {
      'a start is refused, and its job is there': `${opened}
        > ${mirror}
        ! j0 created running
        ${refused}`,
      'a start is refused, and a query shows its job': `${opened}
        > ${mirror}
        ${refused}
        > query-jobs
        < [{"id":"j0","type":"mirror","status":"running","current-progress":0,"total-progress":1}]`,
      'a start is refused, and its filter is there': `${opened}
        > ${mirror} filter-node-name=top
        ${refused}
        > query-named-block-nodes
        < [{"node-name":"src"},{"node-name":"top"}]`,
    },
    kept: {
      'the job is null before the error comes': `${opened}
        > ${mirror} speed=-1
        ! j0 created null
        ${refused}
        > query-jobs
        < []`,
      'the next start has the same id, and succeeds': `${opened}
        > ${mirror}
        > ${mirror}
        ${refused}
        ! j0 created running
        < ok`,
      'another start gave the filter its name': `${opened}
        > ${mirror} filter-node-name=top
        ${refused}
        > ${mirror} filter-node-name=top
        ! j0 created running
        < ok
        > query-named-block-nodes
        < [{"node-name":"src"},{"node-name":"top"}]`,
    },
  }),

  ...about('validation/must-accept-query', {
    broken: {
      'query-jobs fails': `
        > query-jobs
        ${refused}`,
      'a query that the binary has is not found': `
        > query-block-exports
        < CommandNotFound: The command query-block-exports has not been found`,
    },
    kept: {
      'a query that the binary has not is not found': `
        > query-status
        < CommandNotFound: The command query-status has not been found`,
      'a query of the images fails': `
        > query-named-block-nodes
        ${refused}`,
    },
  }),

  ...about('graph/must-accept-start', {
    broken: {
      'a plain mirror is refused': {
        story: `
        > query-jobs
        < []
        > ${mirror}
        ${refused}`,
        arena: { disks: [...disks] },
      },
      'a mirror onto a new disk is refused': {
        story: `
        > blockdev-add driver=file node-name=new-file filename=x step=0
        < ok
        > blockdev-add driver=qcow2 node-name=new file=new-file step=0
        < ok
        > blockdev-mirror job-id=j0 device=src target=new sync=top granularity=4096 step=0
        ${refused}`,
        arena: { disks: [...disks] },
        steps: [{ qmp: 'blockdev-mirror', args: { device: { disk: 'src' }, target: { newDisk: 'new' } } }],
      },
    },
    kept: {
      'it is accepted': {
        story: `${opened}
        > ${mirror}
        < ok`,
        arena: { disks: [...disks] },
      },
      'the target is read-only': {
        story: `
        > ${mirror}
        ${refused}`,
        arena: { disks: [disks[0], { ...disks[1], readOnly: true }] },
      },
      'the target is exported': {
        story: `
        > ${mirror}
        ${refused}`,
        arena: { disks: [disks[0], { ...disks[1], frontend: 'nbd' }] },
      },
      'the sizes differ': {
        story: `
        > ${mirror}
        ${refused}`,
        arena: { disks: [disks[0], { ...disks[1], sizeBytes: 512 }] },
      },
      'something else was done before': {
        story: `
        > blockdev-del node-name=dst
        ${refused}
        > ${mirror}
        ${refused}`,
        arena: { disks: [...disks] },
      },
      'the granularity is no plain one': {
        story: `
        > ${mirror} granularity=3
        ${refused}`,
        arena: { disks: [...disks] },
      },
      'new disks could not be opened': {
        story: `
        > blockdev-add driver=file node-name=new-file filename=x step=0
        ${refused}
        > blockdev-mirror job-id=j0 device=src target=new sync=top step=0
        ${refused}`,
        arena: { disks: [...disks] },
        steps: [{ qmp: 'blockdev-mirror', args: { device: { disk: 'src' }, target: { newDisk: 'new' } } }],
      },
    },
  }),

  ...about('validation/export-in-use', {
    broken: {
      'it goes away from under the guest': {
        story: `${wrote}
        > block-export-del id=export-src
        < ok`,
        arena: exported,
      },
      'safe is no harder than nothing': {
        story: `${wrote}
        > block-export-del id=export-src mode=safe
        < ok`,
        arena: exported,
      },
    },
    kept: {
      'it stays': {
        story: `${wrote}
        > block-export-del id=export-src
        ${refused}`,
        arena: exported,
      },
      'it is taken away by force': {
        story: `${wrote}
        > block-export-del id=export-src mode=hard
        < ok`,
        arena: exported,
      },
      'nobody has used it': {
        story: `
        > block-export-del id=export-src
        < ok`,
        arena: exported,
      },
      'its guest was cut off before': {
        story: `${wrote}
        > nbd-server-stop
        < ok
        > block-export-del id=export-src
        < ok`,
        arena: exported,
      },
      'one of several clients has left': {
        story: `${wrote}
        > block-export-del id=export-src
        < ok`,
        arena: exported,
        steps: [{ guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 512, client: 'once' }],
      },
    },
  }),
];
