import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { chain, sharedBacking } from '../src/generate/arenas/chain.ts';
import { existingFiles } from '../src/generate/arenas/existing-files.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'sync-modes',
  statement:
    'full, top, none, incremental and bitmap copy what they are said to copy, on chains of any depth',
  claims: ['crash', 'hang', 'state', 'integrity'],
  arena: oneOf(chain({ depth: 2 }), chain({ depth: 3 }), chain({ depth: 4 }), sharedBacking, existingFiles()),
  habits: { odd: 0 },
  readsImages: true,
  steps: weights({
    startMirror: 3,
    startBackup: 2,
    startCommit: 2,
    startStream: 2,
    bitmap: 2,
    edges: 1.5,
    complete: 4,
    control: 2,
    waiting: 3,
  }),
});
