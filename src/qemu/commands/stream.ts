import type { Cards } from '../card.ts';

export const streamCommands = {
  'block-stream': {
    nodes: {
      device: { known: true, free: true, active: true },
      'base-node': { known: true },
      bottom: { known: true },
    },
    names: ['filter-node-name'],
    numbers: { speed: { least: 0 } },
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
