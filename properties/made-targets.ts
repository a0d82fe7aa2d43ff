import { otherFormats } from '../src/generate/arenas/other-formats.ts';
import { copyToMade } from '../src/generate/flows/blockcopy.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'made-targets',
  statement: 'an image of any format that blockdev-create makes takes a copy, and the guest lives on there',
  claims: ['crash', 'hang', 'state', 'integrity', 'leak'],
  share: 3,
  arena: otherFormats({ guest: true }),
  flows: [copyToMade],
  habits: { odd: 0, byHand: 0 },
  readsImages: true,
  steps: weights({
    guest: 6,
    resize: 1,
    control: 2,
    query: 1,
    setSpeed: 1,
    change: 0.5,
    waiting: 1,
    startJob: 1,
    bitmap: 0.5,
    snapshot: 0.5,
    exports: 0.5,
  }),
});
