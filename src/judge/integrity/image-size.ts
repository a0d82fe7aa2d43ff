import type { Fact } from '../facts/fact.ts';
import type { IntegrityRule } from './integrity-rule.ts';

export const imageSize: IntegrityRule = {
  rule: {
    name: 'integrity/image-size',
    kind: 'integrity',
    statement:
      'An image has the size it was made with; one that a job or a snapshot makes has the size of its source.',
    source:
      'we expect it: a new image is of the size of the device that it is made for; block_resize alone is documented to change sizes, and block-commit grows a smaller base',
  },
  judge(_, { graph, found }, ledger) {
    return found.flatMap(({ at, file, seen }) => {
      const wanted = graph.images.get(file)?.sizeBytes;
      const isLost = graph.lostAt !== Number.POSITIVE_INFINITY;
      if (wanted === undefined || isLost) {
        ledger.undecided(imageSize.rule, isLost ? 'images unknown' : 'content unknown');
        return [];
      }
      // QEMU counts in sectors, and a raw file grows to a whole one when its last is written.
      if (seen.sizeBytes === wanted || seen.sizeBytes === Math.ceil(wanted / 512) * 512) {
        ledger.held(imageSize.rule);
        return [];
      }
      const { image, sizeBytes } = seen;
      const facts: Fact = { shape: 'image', image, is: 'another size', sizeBytes, dueBytes: wanted };
      return [{ rule: imageSize.rule, at, facts }];
    });
  },
};
