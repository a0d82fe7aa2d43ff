import { pair } from '../src/generate/arenas/pair.ts';
import { verbRound } from '../src/generate/flows/rounds/verb-round.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'verbs-by-status',
  statement:
    'in each status a job is shown as it is, takes the verbs that are for it, and refuses the others',
  claims: ['crash', 'hang', 'validation', 'state', 'leak'],
  share: 1.5,
  opens: true,
  arena: pair(),
  flows: [verbRound],
  habits: { odd: 0, unawaited: 0, policies: 0 },
  steps: weights({ startJob: 3, control: 5, complete: 2, finalize: 1, dismiss: 1, setSpeed: 1, query: 2 }),
});
