import { about, type Tale } from '../tale.ts';
import {
  backup,
  chain,
  completes,
  exported,
  mirror,
  no,
  node,
  pair,
  running,
  server,
  yes,
} from './stories.ts';

const starts = (start: string): string => `
  > ${start} job-id=j1
  ! j1 created running
  < ok`;

/** A migration that is over. */
const left = `
  > migrate uri=exec:cat ${yes}
  ~ event name=MIGRATION data={"status":"completed"}`;

/** Starts of jobs, on nodes that are busy, unfit or gone. */
export const jobTales: readonly Tale[] = [
  ...about('graph/node-held', {
    broken: {
      'the target of a backup is mirrored to': `${pair}${node('null-co new')}${running('j0', backup)}
        ${starts('blockdev-mirror device=new target=dst sync=full')}`,
      'a node within a commit is streamed': `${chain}${running('j0', 'block-commit device=top')}
        ${starts('block-stream device=mid')}`,
      'the base of a commit is resized': `${chain}${running('j0', 'block-commit device=top top-node=mid')}
        > block_resize node-name=base size=1048576 ${yes}`,
      'a node that is streamed is snapshotted': `${chain}${node('qcow2 free file={"driver":"null-co"} backing=null')}
        ${running('j0', 'block-stream device=top base-node=base')}
        > blockdev-snapshot node=top overlay=free ${yes}`,
    },
    kept: {
      'a snapshot names a node where only drives have names, and another one too': `${pair}${node('null-co other size=1048576')}${running('j0', mirror)}
        > blockdev-snapshot-sync device=dst node-name=other snapshot-file=/d/s0 snapshot-node-name=x ${yes}`,
      'it is refused': `${chain}${running('j0', 'block-commit device=top')}
        > block-stream job-id=j1 device=mid ${no}`,
      'the source of a backup may be backed up once more': `${pair}${node('null-co new size=1048576')}${running('j0', backup)}
        ${starts('blockdev-backup device=src target=new sync=full')}`,
      'below the base of a stream nothing is held': `${chain}${running('j0', 'block-stream device=top base-node=base')}
        > block-dirty-bitmap-add node=base name=b ${yes}
        ${starts('block-stream device=base')}`,
      'the job is about to end': `${chain}${running('j0', 'block-commit device=top')}
        ! j0 aborting
        ${starts('block-stream device=mid')}`,
      'which nodes there are was told by file names': `${chain}${running('j0', 'block-commit device=top base="b"')}
        ${starts('block-stream device=mid')}`,
    },
  }),
  ...about('graph/not-root', {
    broken: {
      'a backing file is mirrored': `${chain}${node('null-co new')}
        ${starts('blockdev-mirror device=mid target=new sync=full')}`,
      'a backing file is mirrored to': `${chain}${node('null-co new')}
        ${starts('blockdev-mirror device=new target=base sync=full')}`,
      'a backing file is resized': `${chain}
        > block_resize node-name=base size=1048576 ${yes}`,
    },
    kept: {
      'a backup’s filter stands between it and its overlay': `${chain}${node('null-co dst')}${node('qcow2 free file={"driver":"null-co"} backing=null')}
        ${running('j0', 'blockdev-backup device=base target=dst sync=full')}
        > blockdev-snapshot node=base overlay=free ${yes}`,
      'it is refused': `${chain}${node('null-co new')}
        > blockdev-mirror job-id=j1 device=mid target=new sync=full ${no}`,
      'it may be streamed, and be backed up': `${chain}${node('null-co new')}
        ${starts('block-stream device=mid')}`,
      'it was streamed out of the chain': `${chain}${running('j0', 'block-stream device=top')}${completes('j0')}
        ${node('null-co new')}
        ${starts('blockdev-mirror device=mid target=new sync=full')}`,
    },
  }),
  ...about('validation/unknown-node', {
    broken: {
      'a mirror starts onto a node that is gone': `${pair}
        > blockdev-del node-name=dst ${yes}
        ${starts(mirror)}`,
      'a commit misses its device in the wrong class': `
        > block-commit job-id=j0 device=nope
        < DeviceNotActive: no`,
    },
    kept: {
      'it is refused': `${pair}
        > blockdev-del node-name=dst ${yes}
        > ${mirror} job-id=j0 ${no}
        > block-commit job-id=j0 device=nope
        < DeviceNotFound: no`,
      'it is there again': `${pair}
        > blockdev-del node-name=dst ${yes}${node('null-co dst size=1048576')}
        ${starts(mirror)}`,
    },
  }),
  ...about('graph/unfit-target', {
    broken: {
      'a mirror to a read-only node starts': `${node('null-co src')}${node('null-co dst read-only=true')}
        ${starts(mirror)}`,
      'a backup onto a node of another size starts': `${node('null-co src size=4096')}${node('null-co dst size=8192')}
        ${starts(backup)}`,
    },
    kept: {
      'they are refused': `${node('null-co src size=4096')}${node('null-co dst size=8192')}
        > ${backup} job-id=j0 ${no}`,
      'a mirror to another size fails later': `${node('null-co src size=4096')}${node('null-co dst size=8192')}
        ${starts(mirror)}`,
      'it was resized': `${node('null-co src size=4096')}${node('null-co dst size=8192')}
        > block_resize node-name=dst size=4096 ${yes}
        ${starts(backup)}`,
      'it was reopened': `${node('null-co src')}${node('null-co dst read-only=true')}
        > blockdev-reopen options=[{"driver":"null-co","node-name":"dst"}] ${yes}
        ${starts(mirror)}`,
    },
  }),
  ...about('graph/off-chain', {
    broken: {
      'a disk without a backing file is committed': `${pair}
        ${starts('block-commit device=src')}`,
      'the base of a commit is another disk': `${chain}${pair}
        ${starts('block-commit device=top base-node=src')}`,
      'a commit goes up the chain': `${chain}
        ${starts('block-commit device=top top-node=base base-node=mid')}`,
      'a stream has its own device as base': `${chain}
        ${starts('block-stream device=top base-node=top')}`,
    },
    kept: {
      'each is refused': `${chain}${pair}
        > block-commit job-id=j0 device=top base-node=src ${no}
        > block-stream job-id=j0 device=top base-node=top ${no}`,
      'a disk without a backing file is streamed': `${pair}
        ${starts('block-stream device=src')}`,
      'what the image names is not known': `${node('null-co f')}${node('qcow2 src file=f')}
        ${starts('block-commit device=src')}`,
      'the image is known to name nothing': {
        story: `${node('file a-file filename=/d/a.qcow2')}${node('qcow2 a file=a-file')}
          > block-commit job-id=j0 device=a ${no}`,
        arena: { disks: [{ name: 'a', format: 'qcow2', sizeBytes: 1024 }] },
      },
    },
  }),
  ...about('graph/must-accept-start', {
    broken: {
      'a plain mirror is refused': `${pair}
        > ${mirror} job-id=j0 ${no}`,
      'a backup is refused when the mirror on its nodes is gone': `${pair}${running('j0', mirror)}
        > job-cancel j0 ${yes}
        ! j0 aborting
        ! CANCELLED j0 0/1
        ! j0 concluded null
        > ${backup} job-id=j1 ${no}`,
      'the machine left and came back, and the mirror is refused': `${pair}${left}
        > cont ${yes}
        > ${mirror} job-id=j0 ${no}`,
      'the machine did not leave, for there was nowhere to go': `${pair}
        > migrate uri=fd:nowhere ${no}
        > ${mirror} job-id=j0 ${no}`,
      'the source is exported, and the mirror is refused': `${pair}${server}${exported('e', 'src')}
        > ${mirror} job-id=j0 ${no}`,
    },
    kept: {
      'it is accepted': `${pair}${running('j0', mirror)}`,
      'the speed was sent as `8.0`, which is no integer': {
        story: `${pair}
          ~ command id=7 name=blockdev-mirror args={"job-id":"j0","device":"src","target":"dst","sync":"full","speed":8} step=0 ${no}`,
        steps: [{ qmp: 'blockdev-mirror', args: { speed: { number: '8.0' } } }],
      },
      'the machine has left, and the nodes are inactive': `${pair}${left}
        > ${mirror} job-id=j0 ${no}`,
      'its source was made inactive by a reopen': `${pair}
        > blockdev-reopen options=[{"driver":"null-co","node-name":"src","size":4096,"active":false}] ${yes}
        > ${mirror} job-id=j0 ${no}`,
      'the machine may leave at any moment': `${pair}
        > migrate uri=exec:cat ${yes}
        > cont ${yes}
        > ${mirror} job-id=j0 ${no}`,
      'a node that came while the machine was leaving': `${node('null-co src size=4096')}
        > migrate uri=exec:cat ${yes}${node('null-co dst size=4096')}
        ~ event name=MIGRATION data={"status":"completed"}
        > ${mirror} job-id=j0 ${no}`,
      'the target is exported': `${pair}${server}${exported('e', 'dst')}
        > ${mirror} job-id=j0 ${no}`,
      'the id is taken': `${pair}${node('null-co a size=4096')}${node('null-co b size=4096')}${running('j0', mirror)}
        > blockdev-mirror job-id=j0 device=a target=b sync=full ${no}`,
      'the job before is over, but not dismissed': `${pair}${running('j0', `${mirror} auto-dismiss=false`)}
        ! j0 aborting
        ! CANCELLED j0 0/1
        ! j0 concluded
        > ${mirror} job-id=j1 ${no}`,
      'the job of that id goes while the start is answered': `${pair}${node('null-co a size=4096')}${node('null-co b size=4096')}${running('j0', mirror)}
        > job-cancel j0 ${yes}
        > blockdev-mirror job-id=j0 device=a target=b sync=full
        ! j0 aborting
        ! CANCELLED j0 0/1
        ! j0 concluded null ${no}`,
      'a layer may hold requests': `${pair}${node('blkdebug top image=src')}
        > blockdev-mirror job-id=j0 device=top target=dst sync=full ${no}`,
    },
  }),
];
