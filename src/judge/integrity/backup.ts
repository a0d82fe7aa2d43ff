import type { IntegrityRule } from './integrity-rule.ts';
import { brokenPromises } from './promised.ts';

export const backup: IntegrityRule = {
  rule: {
    name: 'integrity/backup',
    kind: 'integrity',
    statement:
      'A backup holds what the source held when the job was started, whatever the guest has written since; with sync=none, where the guest has written since.',
    source:
      'docs/interop/live-block-operations.rst, drive-backup: "a point-in-time copy ... when the job starts"; qapi/block-core.json, MirrorSyncMode',
  },
  judge: (evidence, story) => brokenPromises(evidence, story, backup.rule, 'backup'),
};
