import { pair } from '../src/generate/arenas/pair.ts';
import { piecesRound } from '../src/generate/flows/rounds/pieces-round.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'many-pieces',
  statement:
    'a source in many pieces is copied to the last of them, whatever is in flight, fails or is written at the same time',
  claims: ['crash', 'hang', 'state', 'integrity'],
  share: 0.5,
  arena: pair({ guest: true }),
  flows: [piecesRound],
  habits: { odd: 0, slow: 0, byHand: 0, unawaited: 0 },
  readsImages: true,
  steps: weights({ startMirror: 3, guest: 3, complete: 2, control: 1, fault: 1, waiting: 2 }),
});
