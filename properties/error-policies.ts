import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { chain } from '../src/generate/arenas/chain.ts';
import { failingPair, tightPair } from '../src/generate/arenas/faulty.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'error-policies',
  statement:
    'an I/O error is reported, ignored or stops the job, as its policies say; a stopped job goes on when it is resumed',
  claims: ['crash', 'hang', 'state'],
  share: 2,
  arena: oneOf(
    failingPair(),
    failingPair(),
    failingPair({ guest: true }),
    tightPair({ guest: true }),
    chain({ depth: 3 }),
    chain({ depth: 3, guest: true }),
  ),
  habits: { policies: 0.8, odd: 0 },
  steps: weights({
    startJob: 4,
    startCommit: 1,
    fault: 6,
    control: 2,
    complete: 2,
    guest: 1,
    waiting: 2,
    query: 1,
    dismiss: 1,
  }),
});
