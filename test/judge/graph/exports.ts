import { about, type Tale } from '../tale.ts';
import { exported, mirror, no, node, pair, running, server, yes } from './stories.ts';

const add = 'block-export-add type=nbd';

/** Exports, and the NBD server. */
export const exportTales: readonly Tale[] = [
  ...about('graph/export-refused', {
    broken: {
      'an id is taken': `${pair}${server}${exported('e', 'src')}
        > ${add} id=e node-name=dst name=f ${yes}`,
      'an NBD name is taken': `${pair}${server}${exported('e', 'src')}
        > ${add} id=f node-name=dst name=e ${yes}`,
      'there is no server': `${pair}
        > ${add} id=e node-name=src ${yes}`,
      'the node is gone': `${pair}${server}
        > blockdev-del node-name=src ${yes}
        > ${add} id=e node-name=src ${yes}`,
      'a read-only node is exported for writing': `${server}${node('null-co ro read-only=true')}
        > ${add} id=e node-name=ro writable=true ${yes}`,
      'an export that is not there is removed': `
        > block-export-del id=e ${yes}`,
    },
    kept: {
      'each is refused': `${pair}${server}${exported('e', 'src')}
        > ${add} id=e node-name=dst name=f ${no}
        > ${add} id=f node-name=dst name=e ${no}
        > block-export-del id=f ${no}`,
      'the first is gone': `${pair}${server}${exported('e', 'src')}
        > block-export-del id=e ${yes}
        ! BLOCK_EXPORT_DELETED id=e
        > ${add} id=e node-name=dst name=e ${yes}`,
      'it goes while its removal is answered': `${pair}${server}${exported('e', 'src')}
        > block-export-del id=e
        ! BLOCK_EXPORT_DELETED id=e ${yes}`,
    },
  }),
  ...about('graph/export-accepted', {
    broken: {
      'a plain export is refused': `${pair}${server}
        > ${add} id=e node-name=src writable=true ${no}`,
      'the server can not be stopped': `${server}
        > nbd-server-stop ${no}`,
      'an export can not be removed at once': `${pair}${server}${exported('e', 'src')}
        > block-export-del id=e mode=hard ${no}`,
      'another file is open elsewhere, and a plain export is refused': `${node('file one filename=/d/a.raw')}${node('file other filename=/d/b.raw')}${server}
        > ${add} id=e node-name=other writable=true ${no}`,
    },
    kept: {
      'another node has the same file open, whose lock may be in the way': `${node('file one filename=/d/a.raw')}${node('raw disk file=one')}${node('file other filename=/d/a.raw')}${server}
        > ${add} id=e node-name=other writable=true ${no}`,
      'all of these can': `${pair}${server}${exported('e', 'src')}
        > block-export-del id=e mode=hard ${yes}
        > nbd-server-stop ${yes}`,
      'the stop has an argument, and takes none': `${server}
        > nbd-server-stop value=null ${no}`,
      'a job has the node': `${pair}${server}${running('j0', mirror)}
        > ${add} id=e node-name=dst ${no}`,
      'clients may be connected': `${pair}${server}${exported('e', 'src')}
        > block-export-del id=e ${no}`,
      'it is going already': `${pair}${server}${exported('e', 'src')}
        > block-export-del id=e mode=hard ${yes}
        > block-export-del id=e mode=hard ${no}`,
    },
  }),
  ...about('graph/nbd-server-once', {
    broken: {
      'the server is started twice': `${server}
        > nbd-server-start addr={"type":"unix","data":{"path":"t"}} ${yes}`,
      'no server is stopped': `
        > nbd-server-stop ${yes}`,
    },
    kept: {
      'it is refused': `${server}
        > nbd-server-start addr={"type":"unix","data":{"path":"t"}} ${no}`,
      'it was stopped in between': `${server}
        > nbd-server-stop ${yes}${server}`,
    },
  }),
];
