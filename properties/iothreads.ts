import { iothreadDisks } from '../src/generate/arenas/several-disks.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'iothreads',
  statement: 'jobs on disks that live in other threads do what they do in the main one',
  claims: ['crash', 'hang', 'state', 'leak'],
  arena: iothreadDisks({ guest: true }),
  steps: weights({
    startMirror: 3,
    // Backups that meet an iothread abort 10.0 and 11.1 more often than not: few, so that the others are seen too.
    startBackup: 0.3,
    startCommit: 0.5,
    startStream: 0.5,
    control: 4,
    foreign: 0.7,
    complete: 3,
    guest: 3,
    graph: 1,
    exports: 1,
    setSpeed: 1,
    change: 0.5,
    transaction: 0.2,
    waiting: 2,
  }),
});
