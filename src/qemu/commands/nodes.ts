import type { Cards } from '../card.ts';

export const nodeCommands = {
  'blockdev-add': { change: { kind: 'adds node' }, undoneBy: 'blockdev-del', weight: 10 },
  'blockdev-del': {
    nodes: { 'node-name': { known: true, free: true } },
    change: { kind: 'deletes node', node: 'node-name' },
    weight: 3,
  },
  'blockdev-reopen': { since: '6.1', change: { kind: 'reopens' }, weight: 5 },
  'x-blockdev-reopen': { until: '6.0', change: { kind: 'reopens' }, weight: 3 },
} as const satisfies Cards;

export const otherNodeCommands = {
  'blockdev-set-active': { since: '10.0', change: { kind: 'sets active' }, weight: 2 },
  block_resize: {
    nodes: { 'node-name': { free: true, stands: 'not as backing', active: true } },
    change: { kind: 'resizes', size: 'size' },
    limits: { size: { least: 0 } },
    weight: 3,
  },
  'x-blockdev-change': { weight: 2 },
  'x-blockdev-set-iothread': { weight: 2 },
} as const satisfies Cards;
