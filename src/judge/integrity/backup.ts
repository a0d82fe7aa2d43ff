import type { IntegrityRule } from './integrity-rule.ts';
import { namedBits } from './named-bits.ts';
import { brokenPromises } from './promised.ts';
import { grainBytesOf } from './space.ts';

export const backup: IntegrityRule = {
  rule: {
    name: 'integrity/backup',
    kind: 'integrity',
    statement:
      'A backup holds what the source held when the job was started, whatever the guest has written since; with sync=none, where the guest has written since, and elsewhere the target keeps what it held; with a bitmap, where that was dirty, and elsewhere the target keeps what it held.',
    source:
      'docs/interop/live-block-operations.rst (QEMU 10.0), Live disk backup: "In this case, the point-in-time is when you *start* the ``blockdev-backup`` (or deprecated ``drive-backup``) command."',
  },
  judge: (evidence, story, ledger) =>
    brokenPromises(
      evidence,
      story,
      {
        rule: backup.rule,
        by: 'backup',
        sources: {
          ...story.sources,
          named: namedBits(evidence, story),
          clusterBytes: grainBytesOf(evidence),
        },
      },
      ledger,
    ),
};
