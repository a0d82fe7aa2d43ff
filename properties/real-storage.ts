import { oneOf } from '../src/generate/arenas/arena-maker.ts';
import { pair, singleDisk } from '../src/generate/arenas/pair.ts';
import { onServers } from '../src/generate/arenas/served.ts';
import { property, weights } from '../src/generate/property.ts';
import { awayServer } from '../src/generate/steps/away-server.ts';

const guest = true;

export default property({
  name: 'real-storage',
  statement:
    'servers that die, freeze, refuse or run full make jobs fail, wait or stop as their policies say, and take nothing that was promised',
  claims: ['crash', 'hang', 'integrity'],
  share: 0.5,
  arena: oneOf(onServers(pair({ guest })), onServers(pair({ guest })), onServers(singleDisk({ guest }))),
  habits: { policies: 0.6, odd: 0 },
  readsImages: true,
  steps: weights({
    startMirror: 4,
    startJob: 1,
    serverFault: 6,
    guest: 5,
    complete: 3,
    control: 3,
    waiting: 2,
    query: 1,
  }).endingWith(awayServer),
});
