import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { otherFormats } from '../src/generate/arenas/other-formats.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'formats',
  statement:
    'jobs read and write images of every format, encrypted ones and ones with a data file of their own, as they do raw and qcow2',
  claims: ['crash', 'hang', 'state', 'integrity'],
  share: 3,
  arena: oneOf(otherFormats(), otherFormats({ guest: true }), otherFormats({ guest: true })),
  habits: { odd: 0 },
  readsImages: true,
  steps: weights({
    startMirror: 4,
    startBackup: 3,
    startCommit: 3,
    startStream: 3,
    guest: 6,
    complete: 4,
    control: 2,
    snapshot: 1,
    bitmap: 1,
    waiting: 3,
  }),
});
