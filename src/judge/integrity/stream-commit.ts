import type { IntegrityRule } from './integrity-rule.ts';
import { brokenPromises } from './promised.ts';

export const streamCommit: IntegrityRule = {
  rule: {
    name: 'integrity/stream-commit',
    kind: 'integrity',
    statement: 'A commit that ended well leaves in the base what was seen through the images committed.',
    source:
      "qapi/block-core.json (QEMU 10.0), block-commit: \"Live commit of data from overlay image nodes into backing nodes - i.e., writes data between 'top' and 'base' into 'base'.\"; the guest sees no change, and its disk is what integrity/guest-disk looks at",
  },
  judge: (evidence, story, ledger) =>
    brokenPromises(evidence, story, { rule: streamCommit.rule, by: 'commit' }, ledger),
};
