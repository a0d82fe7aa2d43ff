import type { Json } from '../sequence/step.ts';
import { limits } from './limits.ts';

/**
 * What a member is set to where it may as well be something else, the plainest first, so that one defect has one
 * smallest sequence. Of a member that is not here, any value of its type may be tried.
 */
const plainValues: { readonly [key: string]: readonly Json[] } = {
  format: ['raw'],
  /** One cluster is enough for most; a mirror with a granularity of its own wants more. */
  sizeBytes: [65_536, 2 ** 20],
  fill: ['seeded'],
  errno: ['EIO'],
  guest: ['write'],
  'job-id': ['j0'],
  sync: ['full'],
  'completion-mode': ['grouped'],
  deadlineMs: [limits.awaitDeadlineMs],
  driver: [],
  type: [],
};

/** Values plainer than the member's own, the plainest first; undefined for a member without a list. */
export function plainer(key: string, value: Json): readonly Json[] | undefined {
  return Object.hasOwn(plainValues, key) ? plainValues[key]?.slice(0, rankOfValue(key, value)) : undefined;
}

/** 0 for the plainest value of a member, more for each that is plainer than its own. */
export function rankOfValue(key: string, value: Json): number {
  const values = Object.hasOwn(plainValues, key) ? (plainValues[key] ?? []) : [];
  const rank = values.indexOf(value);
  return rank === -1 ? values.length : rank;
}
