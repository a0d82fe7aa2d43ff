import type { IntegrityRule } from './integrity-rule.ts';
import { brokenPromises } from './promised.ts';

export const untouched: IntegrityRule = {
  rule: {
    name: 'integrity/untouched',
    kind: 'integrity',
    statement:
      'An image that nothing writes holds what it held: before the steps, or when a snapshot was laid over it.',
    source:
      'we expect it: jobs write to their target or base, the guest to its active layer, and blockdev-snapshot-sync makes the image below read-only: nothing is documented to write to any other image',
  },
  judge: (evidence, story, ledger) =>
    brokenPromises(evidence, story, { rule: untouched.rule, by: 'untouched' }, ledger),
};
