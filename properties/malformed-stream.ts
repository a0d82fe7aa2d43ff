import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { pair, singleDisk } from '../src/generate/arenas/pair.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'malformed-stream',
  statement: 'damaged bytes are answered by an error, and the monitor understands what follows them',
  claims: ['crash', 'hang', 'protocol'],
  share: 0.5,
  arena: oneOf(singleDisk(), pair()),
  steps: weights({ startJob: 2, raw: 6, malformed: 2, control: 2, complete: 1, query: 1 }),
});
