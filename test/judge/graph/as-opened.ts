import { about, type Tale } from '../tale.ts';
import { completes, mirror, pair, running, yes } from './stories.ts';

const ended = `${running('j0', mirror)}
  ! j0 aborting
  ! CANCELLED j0 0/1
  ! j0 concluded null`;
const shown = (more: string): string => `
  > query-named-block-nodes flat=true
  < [{"node-name":"src","drv":"null-co","ro":false,"detect_zeroes":"off"},{"node-name":"dst","drv":"null-co",${more}}]`;
const asBefore = shown('"ro":false,"detect_zeroes":"off"');
const readOnly = shown('"ro":true,"detect_zeroes":"off"');

/** What jobs leave behind of the nodes that they were given. */
export const asOpenedTales: readonly Tale[] = [
  ...about('graph/as-opened', {
    broken: {
      'a node is read-only when the job is over': `${pair}${ended}${readOnly}`,
      'a node has another detect-zeroes': `${pair}${ended}${shown('"ro":false,"detect_zeroes":"unmap"')}`,
      'a completed mirror has made its target read-only': `${pair}${running('j0', mirror)}
        ! j0 ready
        ! READY j0 1/1
        > job-complete j0 ${yes}${completes('j0')}${readOnly}`,
    },
    kept: {
      'all is as it was': `${pair}${ended}${asBefore}`,
      'the job is still there': `${pair}${running('j0', mirror)}${readOnly}`,
      'the job ends while the query is answered': `${pair}${running('j0', mirror)}
        > query-named-block-nodes flat=true
        ! j0 aborting
        ! CANCELLED j0 0/1
        ! j0 concluded null
        < [{"node-name":"src","ro":true},{"node-name":"dst","ro":false}]`,
      'it was opened anew': `${pair}${ended}
        > blockdev-reopen options=[{"driver":"null-co","node-name":"dst","read-only":true}] ${yes}${readOnly}`,
      'the source of the mirror was read-only': `
        > blockdev-add driver=null-co node-name=src read-only=true ${yes}
        > blockdev-add driver=null-co node-name=dst ${yes}${ended}
        > query-named-block-nodes flat=true
        < [{"node-name":"src","drv":"null-co","ro":true},{"node-name":"dst","drv":"null-co","ro":true}]`,
      'the source is the target of a mirror before, whose source was read-only': `
        > blockdev-add driver=null-co node-name=src read-only=true ${yes}
        > blockdev-add driver=null-co node-name=dst ${yes}
        > blockdev-add driver=null-co node-name=next ${yes}${ended}
        ${ended.replaceAll('j0', 'j1').replace('device=src target=dst', 'device=dst target=next')}
        > query-named-block-nodes flat=true
        < [{"node-name":"src","drv":"null-co","ro":true},{"node-name":"dst","drv":"null-co","ro":true},{"node-name":"next","drv":"null-co","ro":true}]`,
    },
  }),
];
