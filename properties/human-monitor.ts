import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { chain } from '../src/generate/arenas/chain.ts';
import { commitAllRound } from '../src/generate/flows/rounds/commit-all-round.ts';
import { driveRound } from '../src/generate/flows/rounds/drive-round.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'human-monitor',
  statement: 'what a user does at the human monitor leaves drives, nodes and jobs whole',
  claims: ['crash', 'hang', 'state', 'leak'],
  share: 1.5,
  arena: oneOf(chain({ depth: 2 }), chain({ depth: 3, guest: true })),
  flows: [{ ...commitAllRound, weight: 1.5 }, driveRound],
  steps: weights({ startJob: 3, commitAll: 2, snapshot: 1, control: 2, query: 1, waiting: 2 }),
});
