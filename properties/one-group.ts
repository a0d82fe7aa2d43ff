import { twoDisks } from '../src/generate/arenas/several-disks.ts';
import { groupRound } from '../src/generate/flows/rounds/group-round.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'one-group',
  statement: 'the jobs of one grouped transaction end together, and each in the way that its own options say',
  claims: ['crash', 'hang', 'state', 'leak'],
  opens: true,
  arena: twoDisks(),
  flows: [groupRound],
  habits: { odd: 0, slow: 0, byHand: 0, policies: 0, options: 0, unawaited: 0 },
  steps: weights({ transaction: 4, control: 2, finalize: 2, dismiss: 2, waiting: 2, query: 1 }),
});
