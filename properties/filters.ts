import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { filteredPair, sharedThrottle } from '../src/generate/arenas/filtered.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'filters',
  statement:
    'jobs on filters, below and between them, do what they do without them, and the guest sees its disk',
  claims: ['crash', 'hang', 'state', 'integrity', 'leak'],
  share: 2,
  arena: oneOf(
    filteredPair(),
    filteredPair(),
    filteredPair({ guest: true }),
    filteredPair({ guest: true }),
    filteredPair({ guest: true }),
    sharedThrottle({ guest: true }),
  ),
  habits: { odd: 0 },
  readsImages: true,
  steps: weights({
    startJob: 4,
    startCommit: 0.5,
    startStream: 1,
    filter: 3,
    guest: 6,
    complete: 4,
    control: 2,
    snapshot: 1,
    graph: 1,
    resize: 0.5,
    throttle: 1,
    waiting: 3,
    query: 1,
  }),
});
