import { pair } from '../src/generate/arenas/pair.ts';
import { unfitEndRounds } from '../src/generate/flows/rounds/unfit-end-rounds.ts';
import { unfitStartRounds } from '../src/generate/flows/rounds/unfit-start-rounds.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'unfit',
  statement:
    'a job that can not begin as it was asked for, or can not end so, says it, and leaves the nodes to the next one',
  claims: ['crash', 'hang', 'state', 'validation', 'leak', 'integrity'],
  share: 1,
  arena: pair({ guest: true }),
  flows: [...unfitStartRounds, ...unfitEndRounds],
  habits: { odd: 0, slow: 0, byHand: 0, policies: 0, unawaited: 0 },
  readsImages: true,
  steps: weights({ startJob: 4, guest: 2, complete: 2, control: 1, waiting: 2 }),
});
