import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { pair } from '../src/generate/arenas/pair.ts';
import { twoDisks } from '../src/generate/arenas/several-disks.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'transactions',
  statement: 'the actions of a transaction happen together or not at all, and grouped jobs end together',
  claims: ['crash', 'hang', 'state', 'leak'],
  arena: oneOf(twoDisks(), twoDisks(), pair()),
  steps: weights({
    transaction: 6,
    bitmap: 3,
    control: 4,
    finalize: 2,
    dismiss: 2,
    setSpeed: 1,
    waiting: 2,
    startMirror: 1,
    query: 1,
  }),
});
