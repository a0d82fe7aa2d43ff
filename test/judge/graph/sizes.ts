import { about, type Tale } from '../tale.ts';
import { node, pair, yes } from './stories.ts';

const filtered = `${node('null-co file')}${node('raw src file=file')}${node('throttle thr throttle-group=g file=src')}`;
const resized = `
  > block_resize node-name=src size=2097152 ${yes}`;
const shown = (thr: number, src: number): string => `
  > query-named-block-nodes
  < [{"node-name":"thr","drv":"throttle","image":{"virtual-size":${thr}}},{"node-name":"src","drv":"raw","image":{"virtual-size":${src}}},{"node-name":"file","drv":"null-co"}]`;

const migrated = (status: string, nodes = pair): string => `${nodes}
  > stop
  < ok
  > migrate uri=exec:cat
  < ok
  > query-migrate
  < {"status":"${status}"}
  > cont
  < ok`;
const active = (dst: boolean): string => `
  > query-named-block-nodes
  < [{"node-name":"src","active":true},{"node-name":"dst","active":${dst}}]`;
const on = (story: string) => ({ version: '10.0.13', story });

/** A filter's size; and what is inactive after a migration. */
export const sizeTales: readonly Tale[] = [
  ...about('graph/filter-size', {
    broken: {
      'a resized disk, and the filter above has its old size': `${filtered}${resized}${shown(1_048_576, 2_097_152)}`,
      'a disk that shrank': `${filtered}${shown(2_097_152, 1_048_576)}`,
    },
    kept: {
      'the filter follows': `${filtered}${resized}${shown(2_097_152, 2_097_152)}`,
      'a file below grows while it is written to': `${node('null-co file')}${node('throttle thr throttle-group=g file=file')}
        > query-named-block-nodes
        < [{"node-name":"thr","drv":"throttle","image":{"virtual-size":1}},{"node-name":"file","drv":"null-co","image":{"virtual-size":2}}]`,
      'another filter of that name may be there': `${filtered}
        > blockdev-del node-name=thr ${yes}
        ~ raw-sent text=x sizeBytes=1${shown(1_048_576, 2_097_152)}`,
    },
  }),
  ...about('graph/active-after-cont', {
    broken: {
      'a node is listed as inactive': on(`${migrated('completed')}${active(false)}`),
      'a job is refused for it': {
        ...on(`${migrated('completed')}
        > mirror j0
        < GenericError: Permission 'write' unavailable on inactive node`),
        also: ['graph/must-accept-start'],
      },
    },
    kept: {
      'all are active': on(`${migrated('completed')}${active(true)}`),
      'the migration may still run': on(`${migrated('active')}${active(false)}`),
      'a node that is refused for it may be read-only': on(`${migrated('completed')}
        > block-dirty-bitmap-add node=src name=a persistent=true
        < GenericError: Cannot add a persistent bitmap to read-only or inactive node 'src'`),
      'the machine does not run yet': on(`${pair}
        > migrate uri=exec:cat
        < ok
        > query-migrate
        < {"status":"completed"}${active(false)}`),
      'a command made it so': on(`${migrated('completed')}
        > blockdev-set-active node-name=dst active=false
        < ok${active(false)}`),
      'there was a node that was to be inactive': on(`${node('null-co src')}
        > blockdev-add node-name=dst driver=null-co active=false
        < ok${migrated('completed', '')}${active(false)}`),
    },
  }),
];
