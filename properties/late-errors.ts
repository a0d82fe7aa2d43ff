import { pair } from '../src/generate/arenas/pair.ts';
import { lateErrorRound } from '../src/generate/flows/rounds/late-error-round.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'late-errors',
  statement:
    'an error after READY does what the policy says, the guest is not told of it, and nothing is lost',
  claims: ['crash', 'hang', 'state', 'integrity'],
  share: 0.5,
  arena: pair({ guest: true }),
  flows: [lateErrorRound],
  habits: { odd: 0, slow: 0, byHand: 0, policies: 0, unawaited: 0 },
  readsImages: true,
  steps: weights({ startMirror: 3, guest: 3, complete: 2, control: 1, waiting: 2 }),
});
