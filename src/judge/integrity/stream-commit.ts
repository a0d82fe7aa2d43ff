import type { IntegrityRule } from './integrity-rule.ts';
import { brokenPromises } from './promised.ts';

export const streamCommit: IntegrityRule = {
  rule: {
    name: 'integrity/stream-commit',
    kind: 'integrity',
    statement: 'A commit that ended well leaves in the base what was seen through the images committed.',
    source:
      'docs/interop/live-block-operations.rst, block-commit: "merges contents of one or more overlay images into the backing file"; the guest sees no change, and its disk is what integrity/guest-disk looks at',
  },
  judge: (evidence, story) => brokenPromises(evidence, story, streamCommit.rule, 'commit'),
};
