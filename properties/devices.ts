import { machine } from '../src/generate/arenas/machines.ts';
import { property, weights } from '../src/generate/property.ts';
import { seldomQuit } from '../src/generate/steps/ending.ts';

export default property({
  name: 'devices',
  statement:
    'a machine that stops, goes on, is reset, gains and loses devices harms no job on its disks, and no job harms its disks',
  claims: ['crash', 'hang', 'state', 'integrity', 'leak'],
  share: 3,
  arena: machine,
  readsImages: true,
  steps: weights({
    startJob: 4,
    machine: 5,
    devices: 6,
    guest: 3,
    control: 2,
    complete: 3,
    setSpeed: 1,
    snapshot: 0.5,
    graph: 0.5,
    transaction: 0.3,
    waiting: 1.5,
    query: 1,
  }).endingWith(seldomQuit),
});
