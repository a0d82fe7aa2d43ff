import type { IntegrityRule } from './integrity-rule.ts';
import { brokenPromises } from './promised.ts';

export const mirrorTop: IntegrityRule = {
  rule: {
    name: 'integrity/mirror-top',
    kind: 'integrity',
    statement:
      'A mirror with sync=top that is cancelled after READY leaves on the target, over the same backing file, what the source held then.',
    source:
      'qapi/block-core.json (QEMU 10.0), MirrorSyncMode: "copies data in the topmost image to the destination"',
  },
  judge: (evidence, story, ledger) =>
    brokenPromises(evidence, story, { rule: mirrorTop.rule, by: 'mirror-top' }, ledger),
};
