import type { IntegrityRule } from './integrity-rule.ts';
import { brokenPromises } from './promised.ts';

export const mirrorCopy: IntegrityRule = {
  rule: {
    name: 'integrity/mirror-copy',
    kind: 'integrity',
    statement:
      'A mirror with sync=full that is cancelled after READY leaves on the target what the source held then; one that is completed leaves on the source what it held until then.',
    source:
      'docs/interop/live-block-operations.rst, drive-mirror: "a point-in-time copy ... at the time of triggering block-job-cancel"; qapi/block-core.json, block-job-complete: switches the device to the target',
  },
  judge: (evidence, story) => brokenPromises(evidence, story, mirrorCopy.rule, 'mirror-copy'),
};
