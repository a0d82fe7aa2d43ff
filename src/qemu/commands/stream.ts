import type { Cards } from '../card.ts';

export const streamCommands = {
  'block-stream': {
    nodes: {
      device: { known: true, free: true, active: true },
      'base-node': { known: true },
      bottom: { known: true },
    },
    names: ['filter-node-name'],
    argumentsSince: { bottom: '6.0', 'filter-node-name': '6.0' },
    numbers: { speed: { least: 0 } },
    conflicts: [
      { given: { base: [], 'base-node': [] } },
      { given: { base: [], bottom: [] } },
      { given: { 'base-node': [], bottom: [] } },
      { given: { 'backing-file': [] }, lacks: ['base', 'base-node', 'bottom'] },
    ],
    job: {
      type: 'stream',
      kind: 'block',
      holds: 'source down to base',
      onError: 'one',
      changesHeaders: true,
    },
    weight: 4,
  },
} as const satisfies Cards;
