import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { chain } from '../src/generate/arenas/chain.ts';
import { existingFiles } from '../src/generate/arenas/existing-files.ts';
import { pair, readOnlySource, singleDisk } from '../src/generate/arenas/pair.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'lifecycle',
  statement:
    'a job goes from status to status only as job.c has it, each verb does what it answers, and nothing of it stays',
  claims: ['crash', 'hang', 'state', 'validation', 'leak'],
  share: 1.5,
  arena: oneOf(pair(), pair(), singleDisk(), existingFiles(), chain({ depth: 2 }), readOnlySource),
  steps: weights({
    startJob: 4,
    control: 6,
    complete: 3,
    finalize: 2,
    dismiss: 2,
    setSpeed: 1,
    sleepers: 4,
    edges: 2.5,
    change: 0.5,
    query: 1,
    waiting: 2,
  }),
});
