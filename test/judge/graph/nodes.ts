import { about, type Tale } from '../tale.ts';
import { chain, completes, exported, mirror, no, node, pair, running, server, yes } from './stories.ts';

const readyMirror = `${running('j0', mirror)}
  ! j0 ready
  ! READY j0 1/1`;

/** Nodes: their names, and what keeps them. */
export const nodeTales: readonly Tale[] = [
  ...about('graph/name-in-use', {
    broken: {
      'a second node gets the name of the first': `${pair}
        > blockdev-add driver=null-co node-name=src ${yes}`,
      'a nested node gets the name of another': `${pair}
        > blockdev-add driver=raw node-name=top file={"driver":"null-co","node-name":"src"} ${yes}`,
      'a filter gets the name of a node': `${pair}
        > ${mirror} job-id=j0 filter-node-name=dst
        ! j0 created running ${yes}`,
    },
    kept: {
      'it is refused': `${pair}
        > blockdev-add driver=null-co node-name=src ${no}`,
      'the first is gone by then': `${pair}
        > blockdev-del node-name=src ${yes}
        > blockdev-add driver=null-co node-name=src ${yes}`,
      'the first is a filter, and its job may be at its end': `${pair}${running('j0', `${mirror} filter-node-name=top`)}
        ! j0 aborting
        > blockdev-add driver=null-co node-name=top ${yes}`,
      'raw bytes may have deleted the first': `${pair}
        ~ raw-sent text=x sizeBytes=1
        > blockdev-add driver=null-co node-name=src ${yes}`,
    },
  }),
  ...about('graph/must-accept-add', {
    broken: {
      'a null node is refused under a free name': `${pair}
        > blockdev-add driver=null-co node-name=x0 size=4096 ${no}`,
      'the name is free again, and a null node is refused': `${pair}
        > blockdev-del node-name=src ${yes}
        > blockdev-add driver=null-co node-name=src ${no}`,
    },
    kept: {
      'the name is too long': `
        > blockdev-add driver=null-co node-name=${'x'.repeat(32)} ${no}`,
      'the name may be a filter that has not gone': `${pair}${running('j0', `${mirror} filter-node-name=top`)}
        ! j0 aborting
        > blockdev-add driver=null-co node-name=top ${no}`,
      'the driver needs a file': `
        > blockdev-add driver=raw node-name=x0 file={"driver":"file","filename":"nowhere"} ${no}`,
      'the size is negative': `
        > blockdev-add driver=null-co node-name=x0 size=-1 ${no}`,
    },
  }),
  ...about('graph/delete-refused', {
    broken: {
      'a node is deleted twice': `${pair}
        > blockdev-del node-name=src ${yes}
        > blockdev-del node-name=src ${yes}`,
      'the file of a node is deleted': `${chain}
        > blockdev-del node-name=top-file ${yes}`,
      'a backing file is deleted': `${chain}
        > blockdev-del node-name=base ${yes}`,
      'a node is deleted under its export': `${pair}${server}${exported('e', 'src')}
        > blockdev-del node-name=src ${yes}`,
      'a reopen has made a node the backing file of another, and it is deleted': `${chain}${node('null-co low')}
        > blockdev-reopen options=[{"driver":"qcow2","node-name":"base","file":"base-file","backing":"low"}] ${yes}
        > blockdev-del node-name=low ${yes}`,
      'a nested node is deleted': `${node('raw top file={"driver":"null-co","node-name":"in"}')}
        > blockdev-del node-name=in ${yes}`,
      'after a pivot the export stands on the target, which is deleted': `
        ${pair}${server}${exported('e', 'src')}${readyMirror}
        > job-complete j0 ${yes}${completes('j0')}
        > blockdev-del node-name=dst ${yes}`,
      'the target of a backup is deleted': `${pair}${running('j0', 'blockdev-backup device=src target=dst sync=full')}
          > blockdev-del node-name=dst ${yes}`,
    },
    kept: {
      'a stream through a filter has ended, and the base below it is free': `${chain}${node('copy-on-read c file=top')}${running('j0', 'block-stream device=c')}${completes('j0')}
        > blockdev-del node-name=mid ${yes}`,
      'a stream of a chain with a filter in it has ended': `${chain}${node('throttle t file=top throttle-group=g')}${node('qcow2 over file={"driver":"null-co"} backing=t')}
        ${running('j0', 'block-stream device=over')}${completes('j0')}
        > blockdev-del node-name=t ${yes}`,
      'each is refused': `${chain}${pair}${server}${exported('e', 'src')}
        > blockdev-del node-name=top-file ${no}
        > blockdev-del node-name=base ${no}
        > blockdev-del node-name=src ${no}`,
      'the export is gone': `${pair}${server}${exported('e', 'src')}
        > block-export-del id=e ${yes}
        ! BLOCK_EXPORT_DELETED id=e
        > blockdev-del node-name=src ${yes}`,
      'the export is going': `${pair}${server}${exported('e', 'src')}
        > block-export-del id=e ${yes}
        > blockdev-del node-name=src ${yes}`,
      'the node above is gone': `${chain}
        > blockdev-del node-name=top ${yes}
        > blockdev-del node-name=mid ${yes}
        > blockdev-del node-name=base ${yes}`,
      'a reopen has cut the chain': `${chain}
        > blockdev-reopen options=[{"driver":"qcow2","node-name":"mid","file":"mid-file","backing":null}] ${yes}
        > blockdev-del node-name=base ${yes}`,
      'a stream has cut the chain': `${chain}${running('j0', 'block-stream device=top')}${completes('j0')}
        > blockdev-del node-name=mid ${yes}`,
      'the mirror is about to pivot': `${pair}${server}${exported('e', 'src')}${readyMirror}
        > job-complete j0 ${yes}
        ! j0 waiting pending
        > blockdev-del node-name=src ${yes}`,
      'a human monitor did who knows what': `${pair}${server}${exported('e', 'src')}
        > human-monitor-command command-line="drive_del\u0020x"
        < ""
        > blockdev-del node-name=src ${yes}`,
    },
  }),
  ...about('graph/delete-accepted', {
    broken: {
      'a node that nobody uses can not be deleted': `${pair}
        > blockdev-del node-name=src ${no}`,
      'the target can not be deleted when the cancelled mirror is gone': `${pair}${running('j0', mirror)}
        > job-cancel j0 ${yes}
        ! j0 aborting
        ! CANCELLED j0 0/1
        ! j0 concluded null
        > blockdev-del node-name=dst ${no}`,
      'after a pivot nobody uses the source, and it can not be deleted': `
        ${pair}${server}${exported('e', 'src')}${readyMirror}
        > job-complete j0 ${yes}${completes('j0')}
        > blockdev-del node-name=src ${no}`,
    },
    kept: {
      'it holds the log of another': `${pair}${node('blklogwrites a file=src log=dst')}
        > blockdev-del node-name=dst ${no}`,
      'an image is being created on it': `${pair}
        > blockdev-create job-id=c options={"driver":"vdi","file":"dst","size":1}
        ! c created running
        < ok
        > blockdev-del node-name=dst ${no}`,
      'it can': `${pair}
        > blockdev-del node-name=src ${yes}`,
      'the mirror is not gone, only over': `${pair}${running('j0', `${mirror} auto-dismiss=false`)}
        ! j0 aborting
        ! CANCELLED j0 0/1
        ! j0 concluded
        > blockdev-del node-name=dst ${no}`,
      'the mirror goes while the command is handled': `${pair}${running('j0', mirror)}
        > job-cancel j0 ${yes}
        > blockdev-del node-name=dst
        ! j0 aborting
        ! CANCELLED j0 0/1
        ! j0 concluded null ${no}`,
      'a reopen has made it the backing file of another, whose file it told something': `${chain}${node('null-co low')}
        > blockdev-reopen options=[{"driver":"qcow2","node-name":"base","file":{"driver":"null-co","node-name":"base-file"},"backing":"low"}] ${yes}
        > blockdev-del node-name=low ${no}`,
      'the image may name a backing file, but that is below': `${node('null-co f')}${node('qcow2 top file=f')}
        > blockdev-del node-name=top ${no}`,
    },
  }),
  ...about('graph/unfit-overlay', {
    broken: {
      'the overlay has a backing file': `${chain}${node('qcow2 free file={"driver":"null-co"} backing=null')}
        > blockdev-snapshot node=free overlay=top ${yes}`,
      'the overlay is exported': `${chain}${server}${exported('e', 'base')}
        > blockdev-snapshot node=top overlay=base ${yes}`,
      'the driver of the overlay knows no backing file': `${pair}
        > blockdev-snapshot node=src overlay=dst ${yes}`,
    },
    kept: {
      'it is refused': `${pair}
        > blockdev-snapshot node=src overlay=dst ${no}`,
      'a job’s filter stands between it and the export': `${pair}${node('qcow2 free file={"driver":"null-co"} backing=null')}${server}${exported('e', 'free')}
        > blockdev-mirror job-id=j0 device=free target=dst sync=full
        ! j0 created running ${yes}
        > blockdev-snapshot node=src overlay=free ${yes}`,
      'it is free': `${chain}${node('qcow2 free file={"driver":"null-co"} backing=null')}
        > blockdev-snapshot node=top overlay=free ${yes}`,
      'what it names in its image is not known': `${chain}${node('null-co f')}${node('qcow2 free file=f')}
        > blockdev-snapshot node=top overlay=free ${yes}`,
    },
  }),
  ...about('graph/inactive-node', {
    broken: {
      'a mirror from an inactive node starts': `${pair}
        > blockdev-set-active node-name=src active=false ${yes}
        > ${mirror} job-id=j0
        ! j0 created running ${yes}`,
      'a mirror onto a node that was added inactive starts': `${node('null-co src')}${node('null-co dst active=false')}
        > ${mirror} job-id=j0
        ! j0 created running ${yes}`,
      'a file goes to sleep below its node': `${chain}
        > blockdev-set-active node-name=top-file active=false ${yes}`,
    },
    kept: {
      'it is refused': `${pair}
        > blockdev-set-active node-name=src active=false ${yes}
        > ${mirror} job-id=j0 ${no}`,
      'it is active again': `${pair}
        > blockdev-set-active node-name=src active=false ${yes}
        > blockdev-set-active node-name=src active=true ${yes}
        > ${mirror} job-id=j0
        ! j0 created running ${yes}`,
      'an export may have woken it': `${pair}${server}
        > blockdev-set-active node-name=src active=false ${yes}${exported('e', 'src')}
        > ${mirror} job-id=j0
        ! j0 created running ${yes}`,
    },
  }),
  ...about('graph/image-locked', {
    broken: {
      'another process opens an image that QEMU writes to': {
        story: `${node('file a-file filename=/d/a.qcow2')}${node('qcow2 a file=a-file')}
          ~ step step=0
          ~ await step=0 outcome=expired waitedUs=2000000`,
        arena: { disks: [{ name: 'a', format: 'qcow2', sizeBytes: 1024 }] },
        steps: [{ await: { locked: 'a' } }],
      },
    },
    kept: {
      'it is refused': {
        story: `${node('file a-file filename=/d/a.qcow2')}${node('qcow2 a file=a-file')}
          ~ step step=0
          ~ await step=0 outcome=met waitedUs=2000`,
        arena: { disks: [{ name: 'a', format: 'qcow2', sizeBytes: 1024 }] },
        steps: [{ await: { locked: 'a' } }],
      },
      'QEMU only reads it': {
        story: `${node('file a-file filename=/d/a.qcow2 read-only=true')}${node('qcow2 a file=a-file read-only=true')}
          ~ step step=0
          ~ await step=0 outcome=expired waitedUs=2000000`,
        arena: { disks: [{ name: 'a', format: 'qcow2', sizeBytes: 1024 }] },
        steps: [{ await: { locked: 'a' } }],
      },
    },
  }),
];
