import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { layered } from '../src/generate/arenas/layered.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'layers',
  statement:
    'what jobs copy, commit and stream is what was to be seen, however unlike the layers of a chain are',
  claims: ['crash', 'hang', 'state', 'integrity'],
  arena: oneOf(layered(), layered({ guest: true }), layered({ guest: true })),
  habits: { odd: 0 },
  readsImages: true,
  steps: weights({
    startMirror: 3,
    startBackup: 2,
    startCommit: 4,
    startStream: 4,
    guest: 6,
    complete: 4,
    control: 2,
    snapshot: 1,
    bitmap: 1,
    graph: 0.7,
    waiting: 3,
  }),
});
