import type { Cards } from '../card.ts';

export const commitCommands = {
  'block-commit': {
    notIn: ['rhel6'],
    nodes: {
      device: { known: true, free: true, stands: 'on top', missing: 'DeviceNotFound' },
      'base-node': { known: true },
      'top-node': { known: true },
    },
    names: ['filter-node-name'],
    numbers: { speed: { least: 0 } },
    conflicts: [{ given: { base: [], 'base-node': [] } }, { given: { top: [], 'top-node': [] } }],
    job: {
      type: 'commit',
      kind: 'block',
      holds: 'source, top to base',
      ready: 'active layer',
      onError: 'one',
      changesHeaders: true,
    },
    weight: 4,
  },
} as const satisfies Cards;
