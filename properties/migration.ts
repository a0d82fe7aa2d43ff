import { pair } from '../src/generate/arenas/pair.ts';
import {
  besideJob,
  moving,
  saving,
  setInactive,
  snapshotWithMemory,
  storageMigration,
} from '../src/generate/flows/migration.ts';
import { movingBitmaps } from '../src/generate/flows/moving-bitmaps.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'migration',
  statement:
    'a machine that leaves takes nothing along that a job still needs, and one that comes back has all its disks again',
  claims: ['crash', 'hang', 'state', 'integrity', 'validation'],
  share: 3,
  arena: pair(),
  flows: [saving, besideJob, moving, storageMigration, movingBitmaps, snapshotWithMemory, setInactive],
  habits: { odd: 0 },
  readsImages: true,
  steps: weights({
    startJob: 3,
    control: 2,
    complete: 2,
    setSpeed: 1,
    query: 2,
    waiting: 1,
    resize: 0.4,
    bitmap: 1,
    graph: 1,
    snapshot: 0.5,
  }),
});
