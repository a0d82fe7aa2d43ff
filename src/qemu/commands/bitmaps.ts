import type { Cards } from '../card.ts';

const nodes = { node: { known: true } } as const;

export const bitmapCommands = {
  'block-dirty-bitmap-add': {
    nodes,
    numbers: { granularity: { least: 512, powerOfTwo: true } },
    change: { kind: 'bitmap', does: 'add' },
    undoneBy: 'block-dirty-bitmap-remove',
    weight: 3,
  },
  'block-dirty-bitmap-remove': { nodes, change: { kind: 'bitmap', does: 'remove' }, weight: 2 },
  'block-dirty-bitmap-clear': { nodes, change: { kind: 'bitmap', does: 'clear' }, weight: 2 },
  'block-dirty-bitmap-enable': { nodes, change: { kind: 'bitmap', does: 'enable' }, weight: 2 },
  'block-dirty-bitmap-disable': { nodes, change: { kind: 'bitmap', does: 'disable' }, weight: 2 },
  'block-dirty-bitmap-merge': { nodes, change: { kind: 'bitmap', does: 'merge' }, weight: 3 },
  'x-debug-block-dirty-bitmap-sha256': { weight: 2 },
} as const satisfies Cards;
