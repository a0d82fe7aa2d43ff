import type { Cards } from '../card.ts';
import type { NumberRange } from '../number-range.ts';

/** qapi/block-core.json: "must be a power of 2 between 512 and 64M"; 0 is the default. */
export const granularity: NumberRange = { least: 512, most: 64 * 2 ** 20, powerOfTwo: true, or: [0] };

const mirror = {
  type: 'mirror',
  kind: 'block',
  ready: 'always',
  onError: 'two',
  syncRefused: ['incremental', 'bitmap'],
  plain: {
    sync: ['full', 'top', 'none'],
    'copy-mode': ['background', 'write-blocking'],
    'on-source-error': ['report', 'ignore'],
    'on-target-error': ['report', 'ignore'],
    'auto-finalize': [true, false],
    'auto-dismiss': [true, false],
  },
} as const;
const numbers = { speed: { least: 0 }, granularity, 'buf-size': { least: 0 } };

export const mirrorCommands = {
  'blockdev-mirror': {
    notIn: ['rhel6', 'rhel7'],
    nodes: {
      device: { known: true, free: true, stands: 'on top', active: true },
      target: { known: true, free: true, stands: 'not as backing', active: true },
      replaces: { known: true },
    },
    names: ['filter-node-name'],
    numbers,
    job: { ...mirror, target: 'node', holds: 'source and target' },
    weight: 14,
  },
  'drive-mirror': {
    notIn: ['rhel6'],
    oldNames: { rhel6: '__com.redhat_drive-mirror' },
    nodes: { device: { known: true, free: true, stands: 'on top' }, replaces: { known: true } },
    names: ['node-name'],
    file: 'target',
    numbers,
    conflicts: [{ given: { replaces: [] }, lacks: ['node-name'] }],
    job: { ...mirror, target: 'file' },
    weight: 7,
  },
} as const satisfies Cards;
