import { asPlace } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import { imageFileOf } from './image-story.ts';
import type { IntegrityRule } from './integrity-rule.ts';
import { filesWithWriteFaults } from './write-faults.ts';

export const backingName: IntegrityRule = {
  rule: {
    name: 'integrity/backing-name',
    kind: 'integrity',
    statement:
      'The header of a qcow2 overlay names the very backing file that the last block-stream, block-commit or change-backing-file was given for it.',
    source:
      'qapi/block-core.json (QEMU 10.0), block-stream: "The backing file string to write into the top image."; block-commit and change-backing-file say the like',
  },
  judge(evidence, { graph, sources }, ledger) {
    return evidence.trace.flatMap((seen, at) => {
      if (seen.kind !== 'space') return [];
      const { image, backing } = seen;
      const file = imageFileOf(sources.fresh, image);
      const { named, format } = graph.images.get(file) ?? {};
      if (named === undefined || format !== 'qcow2') return [];
      if (graph.lostAt !== Number.POSITIVE_INFINITY || filesWithWriteFaults(evidence).has(file)) {
        ledger.undecided(backingName.rule, 'images unknown');
        return [];
      }
      if (backing?.file === named) {
        ledger.held(backingName.rule);
        return [];
      }
      const facts: Fact = {
        shape: 'image',
        image,
        is: 'another backing file',
        file: backing?.file ?? null,
        due: named,
      };
      return [{ rule: backingName.rule, at: asPlace(at), facts }];
    });
  },
};
