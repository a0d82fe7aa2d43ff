import { chain } from '../src/generate/arenas/chain.ts';
import { endsRound } from '../src/generate/flows/rounds/ends-round.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'odd-ends',
  statement: 'a job copies all there is to the last byte, however long the layers are and wherever they end',
  claims: ['crash', 'hang', 'state', 'integrity'],
  share: 1.5,
  opens: true,
  arena: chain({ depth: 2 }),
  flows: [endsRound],
  habits: { odd: 0, slow: 0, byHand: 0, policies: 0, unawaited: 0 },
  readsImages: true,
  steps: weights({ startStream: 3, startCommit: 3, startMirror: 1, startBackup: 1, complete: 2, waiting: 2 }),
});
