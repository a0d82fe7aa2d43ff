import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { chain, sharedBacking } from '../src/generate/arenas/chain.ts';
import { twoDisks } from '../src/generate/arenas/several-disks.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'concurrent-jobs',
  statement: 'jobs beside and on top of each other go their own ways, or are kept apart',
  claims: ['crash', 'hang', 'state', 'validation', 'leak'],
  arena: oneOf(twoDisks(), twoDisks(), sharedBacking, chain({ depth: 4 })),
  habits: { slow: 0.7, odd: 0.04 },
  steps: weights({
    startJob: 7,
    control: 4,
    foreign: 1.5,
    complete: 3,
    finalize: 1,
    dismiss: 1,
    setSpeed: 1,
    change: 0.5,
    waiting: 2,
    query: 1,
  }),
});
