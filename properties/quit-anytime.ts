import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { chain } from '../src/generate/arenas/chain.ts';
import { pair } from '../src/generate/arenas/pair.ts';
import { twoDisks } from '../src/generate/arenas/several-disks.ts';
import { property, weights } from '../src/generate/property.ts';
import { quitOrKill } from '../src/generate/steps/ending.ts';

export default property({
  name: 'quit-anytime',
  statement: 'quit returns in time and harms no image, whatever jobs are in whatever state',
  claims: ['crash', 'hang', 'integrity'],
  share: 0.5,
  arena: oneOf(pair({ guest: true }), pair({ guest: true }), chain({ depth: 3, guest: true }), twoDisks()),
  readsImages: true,
  steps: weights({
    startJob: 4,
    control: 4,
    guest: 3,
    complete: 2,
    transaction: 1,
    fault: 1,
    foreign: 1,
    waiting: 1,
  }).endingWith(quitOrKill),
});
