import type { Observation } from '../../trace/observation.ts';
import type { Fact } from '../facts/fact.ts';
import { armedErrorsOf } from '../reading/armed-errors.ts';
import type { Evidence } from '../reading/evidence.ts';
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
  judge(evidence, ledger) {
    const errors = armedErrorsOf(evidence);
    const marked = evidence.trace.flatMap((seen, at) => (isMark(seen) ? [[at, seen] as const] : []));
    // Every qcow2 image that was open in such a run could have been marked.
    if (marked.length === 0 && hasQcow2(evidence)) ledger.held(rule);
    return marked.flatMap(([at, seen]) => {
      // The event itself is the first of other causes, for what follows it.
      const why =
        errors.before(at).length > 0
          ? 'write errors'
          : at > errors.otherCauses.from
            ? errors.otherCauses
            : undefined;
      if (why) {
        ledger.undecided(rule, why);
        return [];
      }
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

type Mark = Extract<Observation, { kind: 'event' }>;

const isMark = (seen: Observation): seen is Mark =>
  seen.kind === 'event' && seen.name === 'BLOCK_IMAGE_CORRUPTED';

const hasQcow2 = ({ opened }: Evidence): boolean =>
  opened.sequence.arena.disks.some(({ format, open }) => format === 'qcow2' && open !== false);
