import { singleDisk } from '../src/generate/arenas/pair.ts';
import { dialectSequence } from '../src/generate/dialect/dialect-sequence.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'dialects',
  statement: 'what a client of RHEL 6.3 or 7 says is done and answered as of old, and loses nothing',
  claims: ['crash', 'hang', 'state', 'validation', 'integrity', 'leak'],
  share: 0.5,
  arena: singleDisk({ guest: true }),
  steps: weights({ startMirror: 1 }),
  readsImages: true,
  make: dialectSequence,
});
