import type { Fact } from '../facts/fact.ts';
import { armedErrorsOf } from '../reading/armed-errors.ts';
import type { Rule, RuleFamily } from '../rule.ts';

const rule: Rule = {
  name: 'image/corrupted',
  kind: 'integrity',
  statement: 'QEMU never marks an image corrupt whose storage met no errors and that nobody else wrote to.',
  source:
    'qapi/block-core.json (QEMU 10.0), BLOCK_IMAGE_CORRUPTED: "Emitted when a disk image is being marked corrupt."; block/qcow2.c, qcow2_signal_corruption: the metadata contradict what QEMU itself has written',
};

/** What a qcow2 driver finds wrong with metadata that no one but QEMU has made since we did. */
export const imageCorrupted: RuleFamily = {
  rules: [rule],
  judge(evidence) {
    const errors = armedErrorsOf(evidence);
    return evidence.trace.flatMap((seen, at) => {
      if (seen.kind !== 'event' || seen.name !== 'BLOCK_IMAGE_CORRUPTED') return [];
      // The event itself is the first of other causes, for what follows it.
      if (at > errors.otherCausesFrom || errors.before(at).length > 0) return [];
      const { 'node-name': node, device, msg } = seen.data;
      const facts: Fact = {
        shape: 'image',
        image: `${node ?? device}`,
        is: 'marked corrupt',
        said: `${msg}`,
      };
      return [{ rule, at, facts }];
    });
  },
};
