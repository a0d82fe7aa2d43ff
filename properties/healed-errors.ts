import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { chain } from '../src/generate/arenas/chain.ts';
import { failingPair } from '../src/generate/arenas/faulty.ts';
import { property, weights } from '../src/generate/property.ts';
import { finishMirror } from '../src/generate/steps/finish-mirror.ts';

export default property({
  name: 'healed-errors',
  statement: 'a job that met errors, and went on when they were gone, copies everything all the same',
  claims: ['integrity', 'state', 'hang'],
  share: 2,
  arena: oneOf(
    failingPair(),
    failingPair({ guest: true }),
    failingPair({ guest: true }),
    chain({ depth: 3, guest: true }),
  ),
  habits: { policies: 0.9, odd: 0, byHand: 0 },
  readsImages: true,
  steps: weights({ startMirror: 4, fault: 4, guest: 2, waiting: 2, control: 1 }).endingWith(finishMirror),
});
