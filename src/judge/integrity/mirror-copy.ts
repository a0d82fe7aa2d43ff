import type { IntegrityRule } from './integrity-rule.ts';
import { brokenPromises } from './promised.ts';

export const mirrorCopy: IntegrityRule = {
  rule: {
    name: 'integrity/mirror-copy',
    kind: 'integrity',
    statement:
      'A mirror with sync=full that is cancelled after READY leaves on the target what the source held then; one that is completed leaves on the source what it held until then.',
    source:
      'docs/interop/live-block-operations.rst (QEMU 10.0), Live disk synchronization: "Issuing the command ``block-job-cancel`` (after it emits the event ``BLOCK_JOB_COMPLETED``) will create a point-in-time (which is at the time of *triggering* the cancel command) copy of the entire disk image chain (or only the top-most image, depending on the ``sync`` mode), contained in the target image [E]."; block-job-complete switches the device to the target',
  },
  judge: (evidence, story, ledger) =>
    brokenPromises(evidence, story, { rule: mirrorCopy.rule, by: 'mirror-copy' }, ledger),
};
