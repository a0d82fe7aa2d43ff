import type { Cards } from '../card.ts';

const backup = {
  type: 'backup',
  kind: 'block',
  onError: 'two',
  sameSize: true,
  syncByBitmap: ['incremental', 'bitmap'],
  plain: {
    sync: ['full'],
    'on-source-error': ['report', 'ignore'],
    'on-target-error': ['report', 'ignore'],
    'auto-finalize': [true, false],
    'auto-dismiss': [true, false],
  },
} as const;
const common = {
  notIn: ['rhel6', 'rhel7'],
  argumentsSince: { 'x-perf.max-workers': '6.0', 'x-perf.max-chunk': '6.0' },
  names: ['filter-node-name'],
  // BackupPerf: 1 to INT_MAX workers, and for max-chunk "0 means unlimited" (block/backup.c; tried on these versions).
  numbers: {
    speed: { least: 0 },
    'x-perf.max-workers': { least: 1, most: 2 ** 31 - 1 },
    'x-perf.max-chunk': { least: 0 },
  },
  conflicts: [
    { given: { bitmap: [], sync: ['full', 'top', 'bitmap'] }, lacks: ['bitmap-mode'] },
    { given: { 'bitmap-mode': [] }, lacks: ['bitmap'] },
    { given: { bitmap: [], sync: ['none'] } },
    { given: { bitmap: [], sync: ['incremental'], 'bitmap-mode': ['never', 'always'] } },
    { given: { bitmap: [], sync: ['full', 'top'], 'bitmap-mode': ['never'] } },
  ],
  // BackupPerf: "If max-chunk is non-zero then it should not be less than job cluster size", which depends on the target.
  // Of min-cluster-size, 2^28 and more end QEMU, which is known.
  limits: {
    'x-perf.max-chunk': { least: 65_536, or: [0] },
    'x-perf.min-cluster-size': { least: 1, most: 2 ** 27, powerOfTwo: true, or: [0] },
  },
} as const;

export const backupCommands = {
  'blockdev-backup': {
    ...common,
    nodes: {
      device: { known: true, free: true, active: true },
      target: { known: true, free: true, active: true },
    },
    job: { ...backup, target: 'node', holds: 'target' },
    weight: 5,
  },
  'drive-backup': {
    ...common,
    nodes: { device: { known: true, free: true } },
    file: 'target',
    job: { ...backup, target: 'file' },
    weight: 3,
  },
} as const satisfies Cards;
