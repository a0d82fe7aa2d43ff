import { chain } from '../src/generate/arenas/chain.ts';
import { innerCommitRound } from '../src/generate/flows/rounds/inner-commit-round.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'inner-commits',
  statement:
    'a commit between two layers moves all there is between them, zeroes too, whatever fails on the way; the guest sees no difference',
  claims: ['crash', 'hang', 'state', 'integrity'],
  share: 0.5,
  arena: chain({ depth: 3, guest: true }),
  flows: [innerCommitRound],
  habits: { odd: 0, slow: 0, byHand: 0, policies: 0, unawaited: 0 },
  readsImages: true,
  steps: weights({ startCommit: 4, guest: 2, complete: 2, control: 1, waiting: 2, fault: 1 }),
});
