import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { chain } from '../src/generate/arenas/chain.ts';
import { throttledPair } from '../src/generate/arenas/faulty.ts';
import { pair } from '../src/generate/arenas/pair.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'speed',
  statement: 'a rate limit holds a job back, and a new one is felt at once; neither loses anything',
  claims: ['crash', 'hang', 'state'],
  arena: oneOf(pair(), pair({ guest: true }), throttledPair({ guest: true }), chain({ depth: 2 })),
  habits: { slow: 0.85 },
  steps: weights({
    startJob: 3,
    setSpeed: 6,
    sleepers: 3,
    edges: 2.5,
    control: 3,
    complete: 2,
    change: 1,
    guest: 1,
    waiting: 2,
    query: 1,
  }),
});
