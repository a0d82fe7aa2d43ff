import { twoDisks } from '../src/generate/arenas/several-disks.ts';
import { transactionRound } from '../src/generate/flows/rounds/transaction-round.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'all-or-nothing',
  statement: 'a transaction of which one action fails leaves bitmaps, nodes and jobs as they were',
  claims: ['crash', 'hang', 'state', 'leak'],
  arena: twoDisks(),
  flows: [transactionRound],
  habits: { odd: 0, slow: 0, byHand: 0, unawaited: 0 },
  steps: weights({ transaction: 3, bitmap: 2, startJob: 2, control: 1, query: 1 }),
});
