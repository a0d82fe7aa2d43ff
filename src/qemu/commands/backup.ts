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
  names: ['filter-node-name'],
  numbers: { speed: { least: 0 } },
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
