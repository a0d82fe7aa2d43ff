import { filteredPair } from '../src/generate/arenas/filtered.ts';
import { snapshotRound } from '../src/generate/flows/rounds/snapshot-round.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'kept-snapshots',
  statement: 'what a copy-before-write filter keeps is the disk of that moment, or is told to be broken',
  claims: ['crash', 'hang', 'state', 'integrity', 'leak'],
  share: 0.5,
  arena: filteredPair({ guest: true }),
  flows: [snapshotRound],
  habits: { odd: 0, byHand: 0, unawaited: 0 },
  readsImages: true,
  steps: weights({ startJob: 3, filter: 3, guest: 5, fault: 1, waiting: 2 }),
});
