import { pair } from '../src/generate/arenas/pair.ts';
import { bitmapRound } from '../src/generate/flows/rounds/bitmap-round.ts';
import { nowOnRound } from '../src/generate/flows/rounds/now-on-round.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'partial-copies',
  statement:
    'a job that is to copy a part copies that part alone, and its bitmap says what is still to be copied, however the job has ended',
  claims: ['integrity', 'state', 'crash', 'hang'],
  opens: true,
  arena: pair({ guest: true }),
  flows: [bitmapRound, nowOnRound],
  habits: { odd: 0, slow: 0, byHand: 0, options: 0.2, unawaited: 0 },
  readsImages: true,
  steps: weights({ bitmap: 3, startBackup: 3, guest: 4, control: 2, waiting: 2, query: 1 }),
});
