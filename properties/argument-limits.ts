import { pair } from '../src/generate/arenas/pair.ts';
import { limitRound } from '../src/generate/flows/rounds/limit-round.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'argument-limits',
  statement: 'a start of a job of which one argument is wrong is refused, and leaves nothing',
  claims: ['crash', 'hang', 'validation', 'state', 'leak'],
  opens: true,
  arena: pair(),
  flows: [limitRound],
  habits: { odd: 0, unawaited: 0 },
  steps: weights({ startJob: 2, refused: 3, edges: 5, malformed: 2 }),
});
