import type { IntegrityRule } from './integrity-rule.ts';
import { brokenPromises } from './promised.ts';

export const readyQuit: IntegrityRule = {
  rule: {
    name: 'integrity/ready-quit',
    kind: 'integrity',
    statement:
      'When QEMU is told to quit while a mirror is READY, and the guest has written nothing since before that, the target holds what the source does.',
    source:
      'docs/interop/live-block-operations.rst: BLOCK_JOB_READY says that source and target are synchronized; block/mirror.c emits it when nothing is dirty or in flight',
  },
  judge: (evidence, story) => brokenPromises(evidence, story, readyQuit.rule, 'ready-quit'),
};
