import type { Cards } from '../card.ts';

export const exportCommands = {
  'nbd-server-start': {
    limits: { 'max-connections': { least: 0, most: 2 ** 32 - 1 } }, // "0 for unlimited"; a uint32
    change: { kind: 'nbd server', is: 'running' },
    undoneBy: 'nbd-server-stop',
    weight: 2,
  },
  'nbd-server-stop': { change: { kind: 'nbd server', is: 'stopped' }, weight: 1 },
  'nbd-server-add': { weight: 2 },
  'nbd-server-remove': { weight: 2 },
  'block-export-add': {
    nodes: { 'node-name': {} },
    change: { kind: 'export', does: 'add' },
    undoneBy: 'block-export-del',
    weight: 4,
  },
  'block-export-del': { change: { kind: 'export', does: 'remove' }, weight: 2 },
} as const satisfies Cards;
