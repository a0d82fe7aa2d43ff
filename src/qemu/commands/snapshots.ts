import type { Cards } from '../card.ts';

const covered = { free: true, stands: 'not as backing' } as const;

export const snapshotCommands = {
  'blockdev-snapshot': {
    nodes: { node: { known: true, ...covered }, overlay: { known: true } },
    change: { kind: 'overlays', over: ['node'], overlay: 'overlay', makes: false },
    weight: 3,
  },
  'blockdev-snapshot-sync': {
    nodes: { 'node-name': covered, device: covered },
    names: ['snapshot-node-name'],
    file: 'snapshot-file',
    change: {
      kind: 'overlays',
      over: ['node-name', 'device'],
      overlay: 'snapshot-node-name',
      makes: true,
    },
    weight: 3,
  },
  'blockdev-snapshot-internal-sync': { weight: 2 },
  'blockdev-snapshot-delete-internal-sync': { weight: 2 },
} as const satisfies Cards;
