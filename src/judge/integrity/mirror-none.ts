import type { IntegrityRule } from './integrity-rule.ts';
import { brokenPromises } from './promised.ts';
import { grainBytesOf } from './space.ts';

export const mirrorNone: IntegrityRule = {
  rule: {
    name: 'integrity/mirror-none',
    kind: 'integrity',
    statement:
      'A mirror with sync=none that is cancelled after READY leaves on the target what the guest wrote meanwhile; within the clusters of that also what the source held, and elsewhere what the target did.',
    source: 'qapi/block-core.json (QEMU 10.0), MirrorSyncMode: "only copy data written from now on"',
  },
  judge: (evidence, story, ledger) =>
    brokenPromises(
      evidence,
      story,
      {
        rule: mirrorNone.rule,
        by: 'mirror-none',
        sources: { ...story.sources, clusterBytes: grainBytesOf(evidence) },
      },
      ledger,
    ),
};
