import { pullBackup, pushBackup } from '../src/generate/flows/backup.ts';
import { backupChain } from '../src/generate/flows/backup-chain.ts';
import { blockcopy, copyArena } from '../src/generate/flows/blockcopy.ts';
import { blockcommit, blockpull } from '../src/generate/flows/commit-pull.ts';
import { fleecing } from '../src/generate/flows/fleecing.ts';
import { nbdMigration } from '../src/generate/flows/nbd-migration.ts';
import { overFilter } from '../src/generate/flows/over-filter.ts';
import { mirrorBesideBackup } from '../src/generate/flows/side-by-side.ts';
import { unsaved } from '../src/generate/flows/unsaved.ts';
import { property, weights } from '../src/generate/property.ts';

export default property({
  name: 'flows',
  statement:
    'what libvirt and Proxmox do with block jobs comes through, whatever else happens between its steps',
  claims: ['crash', 'hang', 'state', 'integrity', 'validation', 'leak'],
  share: 2,
  arena: copyArena(2),
  flows: [
    blockcopy,
    blockcommit,
    blockpull,
    pushBackup,
    backupChain,
    pullBackup,
    fleecing,
    unsaved,
    nbdMigration,
    mirrorBesideBackup,
    overFilter,
  ],
  habits: { odd: 0, byHand: 0 },
  readsImages: true,
  steps: weights({
    guest: 6,
    resize: 1.5,
    control: 2,
    query: 2,
    setSpeed: 1,
    change: 0.7,
    waiting: 1,
    startJob: 1.5,
    bitmap: 0.7,
    graph: 0.5,
    snapshot: 0.5,
    exports: 0.5,
    throttle: 0.3,
  }),
});
