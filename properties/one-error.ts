import { failingPair } from '../src/generate/arenas/faulty.ts';
import { errorRound } from '../src/generate/flows/rounds/error-round.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'one-error',
  statement: 'one error on one side does what the policy of that side says, and nothing is lost by it',
  claims: ['crash', 'hang', 'state', 'integrity'],
  share: 2,
  opens: true,
  arena: failingPair(),
  flows: [errorRound],
  habits: { odd: 0, slow: 0, byHand: 0, policies: 0, unawaited: 0 },
  readsImages: true,
  steps: weights({ startJob: 3, fault: 4, control: 2, complete: 2, waiting: 2, query: 1 }),
});
