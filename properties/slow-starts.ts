import { pair } from '../src/generate/arenas/pair.ts';
import { slowStartRound, slowZeroRound } from '../src/generate/flows/rounds/slow-start-round.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'slow-starts',
  statement:
    'a job that has copied nothing yet takes every verb that its status takes, and nothing that the guest does meanwhile is lost',
  claims: ['crash', 'hang', 'state', 'integrity'],
  share: 0.5,
  arena: pair({ guest: true }),
  flows: [slowStartRound, slowZeroRound],
  habits: { odd: 0, slow: 0, byHand: 0.2, policies: 0, unawaited: 0 },
  readsImages: true,
  steps: weights({ startMirror: 3, guest: 3, complete: 2, control: 2, waiting: 2 }),
});
