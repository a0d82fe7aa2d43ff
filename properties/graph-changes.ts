import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { chain, sharedBacking } from '../src/generate/arenas/chain.ts';
import { pair } from '../src/generate/arenas/pair.ts';
import { twoDisks } from '../src/generate/arenas/several-disks.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'graph-changes',
  statement:
    'nodes come, go and change under live jobs only where that is allowed, and the graph stays whole',
  claims: ['crash', 'hang', 'validation', 'state', 'leak'],
  arena: oneOf(
    pair(),
    twoDisks(),
    chain({ depth: 3 }),
    chain({ depth: 3, guest: true }),
    sharedBacking,
    pair({ guest: true }),
  ),
  steps: weights({
    startJob: 4,
    graph: 6,
    snapshot: 2,
    internalSnapshot: 1,
    commitAll: 0.5,
    exports: 2,
    bitmap: 2,
    control: 3,
    foreign: 1.5,
    complete: 2,
    query: 1,
    waiting: 1,
  }),
});
