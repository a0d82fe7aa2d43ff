import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { chain } from '../src/generate/arenas/chain.ts';
import { existingFiles } from '../src/generate/arenas/existing-files.ts';
import { throttledPair } from '../src/generate/arenas/faulty.ts';
import { pair, singleDisk } from '../src/generate/arenas/pair.ts';
import { property, weights } from '../src/generate/property.ts';
import { finishMirror } from '../src/generate/steps/finish-mirror.ts';

const guest = true;

export default property({
  name: 'whole-mirror',
  statement:
    'a mirror that is seen through holds what it promised, whatever the guest wrote before, during and after',
  claims: ['integrity', 'state', 'crash', 'hang'],
  share: 2,
  arena: oneOf(
    pair({ guest }),
    pair({ guest }),
    singleDisk({ guest }),
    existingFiles({ guest }),
    throttledPair({ guest }),
    throttledPair({ guest }),
    chain({ depth: 2, guest }),
  ),
  habits: { odd: 0, byHand: 0.1 },
  readsImages: true,
  steps: weights({
    startMirror: 3,
    guest: 4,
    control: 1,
    change: 0.7,
    throttle: 1,
    sleepers: 3,
    waiting: 2,
  }).endingWith(finishMirror),
});
