import type { Json } from '../sequence/step.ts';

/**
 * What a member is where nobody has a reason to make it something else: defaults of QEMU's, sizes that people choose.
 * The first is the most ordinary one; a value that is in the list is ordinary enough.
 */
const ordinaryValues: { readonly [key: string]: readonly Json[] } = {
  sync: ['full'],
  'copy-mode': ['background'],
  'on-source-error': ['report'],
  'on-target-error': ['report'],
  'on-error': ['report'],
  'on-cbw-error': ['break-guest-write'],
  'completion-mode': ['individual'],
  'auto-finalize': [true],
  'auto-dismiss': [true],
  mode: ['absolute-paths'],
  force: [false],
  speed: [2 ** 20, 65_536, 4096, 0],
  'buf-size': [2 ** 20, 2 ** 18, 2 ** 24, 65_536],
  granularity: [65_536, 4096, 2 ** 20],
  size: [2 ** 20, 65_536],
  offset: [0, 65_536, 4096, 512],
  offsetBytes: [0, 65_536, 2 ** 20, 4096, 512],
  lengthBytes: [65_536, 2 ** 20, 4096, 512],
  sizeBytes: [2 ** 20, 2 ** 26, 2 ** 30],
  iops: [10, 100, 1],
};

/** The values that a member may have without a reader's wondering why; undefined for one that has no list. */
export const ordinary = (key: string): readonly Json[] | undefined =>
  Object.hasOwn(ordinaryValues, key) ? ordinaryValues[key] : undefined;
