import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { throttledPair } from '../src/generate/arenas/faulty.ts';
import { pair } from '../src/generate/arenas/pair.ts';
import { twoDisks } from '../src/generate/arenas/several-disks.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'pause-resume',
  statement: 'a paused job stands still, a resumed one goes on, and whoever was frozen meanwhile catches up',
  claims: ['crash', 'hang', 'state'],
  share: 1.5,
  arena: oneOf(pair(), pair({ guest: true }), throttledPair(), twoDisks()),
  habits: { slow: 0.6 },
  steps: weights({
    startJob: 3,
    control: 9,
    change: 0.7,
    complete: 2,
    sleepers: 5,
    freeze: 1,
    throttle: 1,
    guest: 1,
    query: 1,
    waiting: 1,
  }),
});
