import type { FindingKind } from '../judge/rule.ts';

/** Wrong data comes first: nobody notices it in time. */
const kinds: readonly FindingKind[] = [
  'integrity',
  'crash',
  'hang',
  'state',
  'leak',
  'validation',
  'protocol',
];

/** Negative where `a` is the more serious. */
export const bySeriousness = (a: FindingKind, b: FindingKind): number => kinds.indexOf(a) - kinds.indexOf(b);
