import type { IntegrityRule } from './integrity-rule.ts';
import { brokenPromises } from './promised.ts';

export const readyQuit: IntegrityRule = {
  rule: {
    name: 'integrity/ready-quit',
    kind: 'integrity',
    statement:
      'When QEMU is told to quit while a mirror is READY, and the guest has written nothing since before that, the target holds what the source does.',
    source:
      "qapi/block-core.json (QEMU 10.0), block-job-cancel: \"Note that if you issue 'block-job-cancel' after 'drive-mirror' has indicated (via the event BLOCK_JOB_READY) that the source and destination are synchronized, then the event triggered by this command changes to BLOCK_JOB_COMPLETED, to indicate that the mirroring has ended and the destination now has a point-in-time copy tied to the time of the cancellation.\"; block/mirror.c says READY when nothing is dirty or in flight",
  },
  judge: (evidence, story, ledger) =>
    brokenPromises(evidence, story, { rule: readyQuit.rule, by: 'ready-quit' }, ledger),
};
