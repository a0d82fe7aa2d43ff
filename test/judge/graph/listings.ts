import { about, type Tale } from '../tale.ts';
import { completes, exported, mirror, pair, running, server, yes } from './stories.ts';

const nodes = (...names: string[]): string => `
  > query-named-block-nodes
  < [${names.map((name) => `{"node-name":"${name}","drv":"null-co"}`).join(',')}]`;
const exportsOn = (...ons: string[]): string => `
  > query-block-exports
  < [${ons.map((on) => `{"id":"e","type":"nbd","node-name":"${on}","shutting-down":false}`).join(',')}]`;
const bitmaps = (list: string): string => `
  > query-named-block-nodes
  < [{"node-name":"src","dirty-bitmaps":[${list}]},{"node-name":"dst"}]`;
const bitmap = (more: string): string => `{"name":"b","busy":false,"persistent":false,${more}}`;
const added = `${pair}
  > block-dirty-bitmap-add node=src name=b granularity=65536 ${yes}`;
const ready = `${running('j0', mirror)}
  ! j0 ready
  ! READY j0 1/1`;

/** What queries show of the graph. */
export const listingTales: readonly Tale[] = [
  ...about('graph/nodes-listed', {
    broken: {
      'a node is left out': `${pair}${nodes('src')}`,
      'a deleted node is listed': `${pair}
        > blockdev-del node-name=dst ${yes}${nodes('src', 'dst')}`,
      'the filter of a mirror that is gone is listed': `${pair}${running('j0', `${mirror} filter-node-name=top`)}
        ! j0 aborting
        ! CANCELLED j0 0/1
        ! j0 concluded null${nodes('src', 'dst', 'top')}`,
    },
    kept: {
      'all are listed, and those that QEMU named': `${pair}${nodes('dst', 'src', '#block123')}`,
      'the filter goes while the query is answered': `${pair}${running('j0', `${mirror} filter-node-name=top`)}
        > query-named-block-nodes
        ! j0 aborting
        ! CANCELLED j0 0/1
        ! j0 concluded null
        < [{"node-name":"src"},{"node-name":"dst"},{"node-name":"top"}]`,
      'a drive has left its node for a base that QEMU opened, and the node is gone': `
        > human-monitor-command command-line="drive_add\\u00200\\u0020if=none,id=d,format=qcow2,file=/d/src.qcow2,node-name=src"
        < "OK"
        > block-commit job-id=j0 device=d
        ! j0 created running
        < ok
        ! j0 ready
        ! READY j0 1/1
        > job-complete j0 ${yes}${completes('j0')}${nodes('#block7')}`,
      'a drive has left its node, and the job that made it is not dismissed yet': `
        > human-monitor-command command-line="drive_add\\u00200\\u0020if=none,id=d,format=raw,file=/d/src.raw,node-name=src"
        < "OK"
        > blockdev-add driver=null-co node-name=dst ${yes}
        > blockdev-mirror job-id=j0 device=d target=dst sync=full auto-dismiss=false
        ! j0 created running
        < ok
        ! j0 ready
        ! READY j0 1/1
        > job-complete j0 ${yes}
        ! j0 waiting pending
        ! COMPLETED j0 1/1
        ! j0 concluded${nodes('dst')}`,
      'raw bytes may have made it': `${pair}
        ~ raw-sent text=x sizeBytes=1${nodes('src')}`,
    },
  }),
  ...about('graph/export-gone-announced', {
    broken: {
      'an export goes, and nothing tells': `${pair}${server}${exported('e', 'src')}
        > block-export-del id=e ${yes}${exportsOn()}
        > query-version
        < {}`,
      'the second of that name goes in silence': `${pair}${server}${exported('e', 'src')}
        > block-export-del id=e ${yes}
        ! BLOCK_EXPORT_DELETED id=e${exported('e', 'src')}
        > block-export-del id=e ${yes}${exportsOn()}${exportsOn()}`,
    },
    kept: {
      'it is told of': `${pair}${server}${exported('e', 'src')}
        > block-export-del id=e ${yes}
        ! BLOCK_EXPORT_DELETED id=e${exportsOn()}${exportsOn()}`,
      'the event comes a moment later': `${pair}${server}${exported('e', 'src')}
        > block-export-del id=e ${yes}${exportsOn()}
        ! BLOCK_EXPORT_DELETED id=e${exportsOn()}`,
      'the trace ends': `${pair}${server}${exported('e', 'src')}
        > block-export-del id=e ${yes}${exportsOn()}`,
    },
  }),
  ...about('graph/exports-listed', {
    broken: {
      'an export is left out': `${pair}${server}${exported('e', 'src')}${exportsOn()}`,
      'an export that was removed is listed': `${pair}${server}${exported('e', 'src')}
        > block-export-del id=e ${yes}
        ! BLOCK_EXPORT_DELETED id=e${exportsOn('src')}`,
      'after a pivot the export is still on the source': `${pair}${server}${exported('e', 'src')}${ready}
        > job-complete j0 ${yes}${completes('j0')}${exportsOn('src')}`,
      'after a soft cancel the export is on the target': `${pair}${server}${exported('e', 'src')}${ready}
        > block-job-cancel j0 ${yes}${completes('j0')}${exportsOn('dst')}`,
    },
    kept: {
      'the export had left for another node before its job was dismissed': `${pair}${server}${exported('e', 'src')}
        > blockdev-add driver=null-co node-name=x0 ${yes}${running('j0', `${mirror} auto-dismiss=false`)}
        ! j0 ready
        ! READY j0 1/1
        > job-complete j0 ${yes}
        ! j0 waiting pending
        ! COMPLETED j0 1/1
        ! j0 concluded${running('j1', 'blockdev-mirror device=src target=x0 sync=full')}
        ! j1 ready
        ! READY j1 1/1
        > job-complete j1 ${yes}${completes('j1')}${exportsOn('dst')}`,
      'it is listed': `${pair}${server}${exported('e', 'src')}${exportsOn('src')}`,
      'while the mirror runs it stands on a filter': `${pair}${server}${exported('e', 'src')}${ready}
        ${exportsOn('#block7')}`,
      'after a pivot it is on the target': `${pair}${server}${exported('e', 'src')}${ready}
        > job-complete j0 ${yes}${completes('j0')}${exportsOn('dst')}`,
      'it is going': `${pair}${server}${exported('e', 'src')}
        > block-export-del id=e ${yes}${exportsOn()}`,
    },
  }),
  ...about('graph/bitmaps-listed', {
    broken: {
      'a bitmap is left out': `${added}${bitmaps('')}`,
      'a bitmap that was removed is listed': `${added}
        > block-dirty-bitmap-remove node=src name=b ${yes}${bitmaps(bitmap('"granularity":65536,"recording":true'))}`,
      'a disabled bitmap is recording': `${added}
        > block-dirty-bitmap-disable node=src name=b ${yes}${bitmaps(bitmap('"granularity":65536,"recording":true'))}`,
      'the bitmap of a refused transaction is listed': `${pair}
        > transaction actions=[{"type":"block-dirty-bitmap-add","data":{"node":"src","name":"b"}},{"type":"abort","data":{}}]
        < GenericError: no${bitmaps(bitmap('"granularity":65536,"recording":true'))}`,
      'a bitmap has another granularity': `${added}${bitmaps(bitmap('"granularity":512,"recording":true'))}`,
    },
    kept: {
      'it is listed, and one of a job beside it': `${added}
        ${bitmaps(`${bitmap('"granularity":65536,"recording":true')},{"granularity":512,"recording":true,"busy":true}`)}`,
      'a job is at work on the node': `${added}${running('j0', mirror)}${bitmaps('')}`,
    },
  }),
  ...about('graph/filter-without-job', {
    broken: {
      'the filter of a mirror that was refused is there': `${pair}
        > query-named-block-nodes
        < [{"node-name":"src"},{"node-name":"dst"},{"node-name":"#block1","drv":"mirror_top"}]`,
      'raw bytes or not, no job was seen': {
        story: `
        ~ raw-sent text=x sizeBytes=1
        > query-named-block-nodes
        < [{"node-name":"#block1","drv":"commit_top"}]`,
      },
    },
    kept: {
      'the mirror is concluded, and not gone': `${pair}${running('j0', mirror)}
        ! j0 aborting
        ! CANCELLED j0 0/1
        ! j0 concluded
        > query-named-block-nodes
        < [{"node-name":"src"},{"node-name":"dst"},{"node-name":"#block1","drv":"mirror_top"}]`,
    },
  }),
];
