import { about, type Tale } from '../tale.ts';
import { mirror, no, pair, running, yes } from './stories.ts';

const added = `${pair}
  > block-dirty-bitmap-add node=src name=b ${yes}`;

const taken = `${added}${running('j0', 'blockdev-backup device=src target=dst sync=incremental bitmap=b')}`;

/** Dirty bitmaps. */
export const bitmapTales: readonly Tale[] = [
  ...about('graph/bitmap-refused', {
    broken: {
      'a bitmap is added twice': `${added}
        > block-dirty-bitmap-add node=src name=b ${yes}`,
      'a granularity is no power of two': `${pair}
        > block-dirty-bitmap-add node=src name=b granularity=513 ${yes}`,
      'a granularity is too small': `${pair}
        > block-dirty-bitmap-add node=src name=b granularity=256 ${yes}`,
      'a bitmap that is not there is cleared': `${pair}
        > block-dirty-bitmap-clear node=src name=b ${yes}`,
      'a bitmap is removed twice': `${added}
        > block-dirty-bitmap-remove node=src name=b ${yes}
        > block-dirty-bitmap-remove node=src name=b ${yes}`,
      'a bitmap of another node is merged': `${added}
        > block-dirty-bitmap-merge node=src target=b bitmaps=[{"node":"dst","name":"b"}] ${yes}`,
      'the node is gone': `${pair}
        > blockdev-del node-name=src ${yes}
        > block-dirty-bitmap-add node=src name=b ${yes}`,
    },
    kept: {
      'each is refused': `${added}
        > block-dirty-bitmap-add node=src name=b ${no}
        > block-dirty-bitmap-add node=src name=c granularity=513 ${no}
        > block-dirty-bitmap-clear node=src name=c ${no}`,
      'another node has one of that name': `${added}
        > block-dirty-bitmap-add node=dst name=b granularity=512 ${yes}`,
      'the image may have brought it along': `
        > blockdev-add driver=qcow2 node-name=q file={"driver":"file","filename":"f"} ${yes}
        > block-dirty-bitmap-clear node=q name=b ${yes}`,
    },
  }),
  ...about('graph/bitmap-accepted', {
    broken: {
      'a bitmap can not be added': `${pair}
        > block-dirty-bitmap-add node=src name=b ${no}`,
      'a bitmap can not be added while a mirror runs': `${pair}${running('j0', mirror)}
        > block-dirty-bitmap-add node=src name=b ${no}`,
      'a bitmap can not be disabled': `${added}
        > block-dirty-bitmap-disable node=src name=b ${no}`,
      'a removed bitmap can not be added again': `${added}
        > block-dirty-bitmap-remove node=src name=b ${yes}
        > block-dirty-bitmap-add node=src name=b ${no}`,
    },
    kept: {
      'all of these can': `${added}
        > block-dirty-bitmap-disable node=src name=b ${yes}
        > block-dirty-bitmap-enable node=src name=b ${yes}
        > block-dirty-bitmap-remove node=src name=b ${yes}`,
      'not every format keeps bitmaps': `${pair}
        > block-dirty-bitmap-add node=src name=b persistent=true ${no}`,
      'a drive-backup that is pending uses it': `${added}${running('j0', 'drive-backup device=src target=/d/b0.qcow2 sync=incremental bitmap=b auto-finalize=false')}
        ! j0 waiting pending
        > block-dirty-bitmap-remove node=src name=b ${no}`,
      'a backup may use it': `${added}${running('j0', 'blockdev-backup device=src target=dst sync=incremental bitmap=b')}
        > block-dirty-bitmap-clear node=src name=b ${no}`,
    },
  }),
  ...about('graph/bitmap-in-use', {
    broken: {
      'a backup loses its bitmap': `${taken}
        > block-dirty-bitmap-remove node=src name=b ${yes}`,
      'it is cleared': `${taken}
        > block-dirty-bitmap-clear node=src name=b ${yes}`,
      'it is merged into': `${taken}
        > block-dirty-bitmap-add node=src name=c ${yes}
        > block-dirty-bitmap-merge node=src target=b bitmaps=["c"] ${yes}`,
      'another backup gets it': `${taken}
        > blockdev-add driver=null-co node-name=third size=1048576 ${yes}
        > blockdev-backup job-id=j1 device=src target=third sync=bitmap bitmap=b bitmap-mode=never ${yes}`,
    },
    kept: {
      'it stays as it is': `${taken}
        > block-dirty-bitmap-remove node=src name=b ${no}
        > block-dirty-bitmap-disable node=src name=b ${no}`,
      'another one is removed': `${taken}
        > block-dirty-bitmap-add node=src name=c ${yes}
        > block-dirty-bitmap-remove node=src name=c ${yes}`,
      'the backup has begun to end': `${taken}
        ! j0 aborting
        > block-dirty-bitmap-remove node=src name=b ${yes}`,
      'the backup has none': `${added}${running('j0', 'blockdev-backup device=src target=dst sync=full')}
        > block-dirty-bitmap-remove node=src name=b ${yes}`,
    },
  }),
];
