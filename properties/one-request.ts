import { pair } from '../src/generate/arenas/pair.ts';
import { requestRound } from '../src/generate/flows/rounds/request-round.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'one-request',
  statement:
    'what a guest writes, zeroes or discards, at any moment of a job, is in its copy or kept out of it',
  claims: ['crash', 'hang', 'integrity'],
  share: 2,
  opens: true,
  arena: pair({ guest: true }),
  flows: [requestRound],
  habits: { odd: 0, slow: 0, byHand: 0, policies: 0, unawaited: 0 },
  readsImages: true,
  steps: weights({ startJob: 3, guest: 6, complete: 3, control: 1, setSpeed: 1, waiting: 2 }),
});
