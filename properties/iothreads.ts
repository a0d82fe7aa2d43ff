import { iothreadDisks } from '../src/generate/arenas/several-disks.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'iothreads',
  statement: 'jobs on disks that live in other threads do what they do in the main one',
  claims: ['crash', 'hang', 'state', 'leak'],
  arena: iothreadDisks({ guest: true }),
  steps: weights({
    startJob: 4,
    control: 4,
    complete: 3,
    guest: 3,
    graph: 1,
    exports: 1,
    setSpeed: 1,
    change: 0.5,
    transaction: 1,
    waiting: 2,
  }),
});
