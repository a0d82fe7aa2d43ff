import type { Cards } from '../card.ts';

export const otherCommands = {
  'change-backing-file': { change: { kind: 'names backing file' } },
  device_add: { only: 'system', change: { kind: 'adds device' } },
  device_del: { only: 'system', change: { kind: 'asks device to go' } },
  'qom-set': { change: { kind: 'sets property' } },
  block_set_io_throttle: {
    only: 'system',
    limitsRequests: true,
    // include/qemu/throttle.h: THROTTLE_VALUE_MAX; a burst lasts a second at least.
    limits: {
      bps: { least: 0, most: 10 ** 15 },
      iops: { least: 0, most: 10 ** 15 },
      bps_max_length: { least: 1, most: 2 ** 32 - 1 },
    },
    weight: 2,
  },
  'block-set-write-threshold': { limits: { 'write-threshold': { least: 0 } }, weight: 2 }, // "Use 0 to disable"
  'block-latency-histogram-set': { only: 'system', weight: 2 },
  'object-add': { undoneBy: 'object-del', weight: 2 },
  'object-del': { weight: 1 },
} as const satisfies Cards;

const later = { notIn: ['rhel6', 'rhel7'] } as const;

export const queries = {
  'query-jobs': { ...later, weight: 1 },
  'query-block-jobs': { weight: 1 },
  'query-block': { weight: 1 },
  'query-blockstats': { weight: 2 },
  'query-named-block-nodes': { weight: 2 },
  'query-block-exports': { weight: 1 },
  'x-debug-query-block-graph': { weight: 1 },
  'query-qmp-schema': { ...later, weight: 1 },
  qmp_capabilities: { weight: 1 },
} as const satisfies Cards;
