import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { chain } from '../src/generate/arenas/chain.ts';
import { pair } from '../src/generate/arenas/pair.ts';
import { twoDisks } from '../src/generate/arenas/several-disks.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'refusals',
  statement: 'what must be refused is refused with the right class, and changes nothing',
  claims: ['crash', 'hang', 'validation', 'state', 'leak'],
  share: 1.5,
  arena: oneOf(pair(), twoDisks(), chain({ depth: 3 })),
  habits: { odd: 0.15, slow: 0.6 },
  steps: weights({
    startJob: 3,
    refused: 5,
    edges: 5,
    malformed: 4,
    control: 2,
    complete: 1,
    waiting: 1,
    query: 1,
  }),
});
