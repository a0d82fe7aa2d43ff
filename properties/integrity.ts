import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { chain } from '../src/generate/arenas/chain.ts';
import { existingFiles } from '../src/generate/arenas/existing-files.ts';
import { throttledPair } from '../src/generate/arenas/faulty.ts';
import { pair, singleDisk } from '../src/generate/arenas/pair.ts';
import { property, weights } from '../src/generate/property.ts';

const guest = true;

export default property({
  name: 'integrity',
  statement: 'where a job promises content, the image holds it, whatever the guest writes meanwhile',
  claims: ['crash', 'hang', 'integrity'],
  share: 1.5,
  arena: oneOf(
    pair({ guest }),
    pair({ guest }),
    singleDisk({ guest }),
    existingFiles({ guest }),
    throttledPair({ guest }),
    throttledPair({ guest }),
    chain({ depth: 2, guest }),
  ),
  habits: { odd: 0 },
  readsImages: true,
  steps: weights({
    startMirror: 4,
    startJob: 1,
    guest: 10,
    complete: 3,
    control: 2,
    change: 0.7,
    setSpeed: 1,
    throttle: 1,
    foreign: 1.5,
    sleepers: 4,
    waiting: 3,
  }),
});
