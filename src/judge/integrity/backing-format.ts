import { asPlace } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import type { Evidence } from '../reading/evidence.ts';
import { imageFileOf } from './image-story.ts';
import type { IntegrityRule } from './integrity-rule.ts';
import { filesWithWriteFaults } from './write-faults.ts';

export const backingFormat: IntegrityRule = {
  rule: {
    name: 'integrity/backing-format',
    kind: 'integrity',
    statement:
      'Once a block-stream or a block-commit has given a qcow2 overlay another backing file, the header names the format of that file, too. A raw one may go by the name of a protocol.',
    source:
      "qapi/block-core.json (QEMU 10.0), block-stream: \"If true, replace any protocol mentioned in the 'backing file format' with 'raw', rather than storing the protocol name as the backing format.\"; without a protocol, that is the format",
  },
  judge(evidence, { graph, sources }, ledger) {
    return evidence.trace.flatMap((seen, at) => {
      if (seen.kind !== 'space' || !seen.backing) return [];
      const { image, backing } = seen;
      const file = imageFileOf(sources.fresh, image);
      const { named, placed, format } = graph.images.get(file) ?? {};
      if (!placed || format !== 'qcow2') return [];
      // Another name is for integrity/backing-name.
      if (backing.file !== named && backing.file.split('/').at(-1) !== placed.file) return [];
      const isUnsure = graph.lostAt !== Number.POSITIVE_INFINITY || isOpenedByHand(evidence);
      if (isUnsure || filesWithWriteFaults(evidence).has(file)) {
        ledger.undecided(backingFormat.rule, 'images unknown');
        return [];
      }
      if (isNameOf(placed.format, backing.format)) {
        ledger.held(backingFormat.rule);
        return [];
      }
      const given = backing.format ?? null;
      const facts: Fact = {
        shape: 'image',
        image,
        is: 'another backing format',
        format: given,
        due: placed.format,
      };
      return [{ rule: backingFormat.rule, at: asPlace(at), facts }];
    });
  },
};

/** A node of raw bytes may be the protocol's own. */
const isNameOf = (format: string, given: string | undefined): boolean =>
  format === 'raw'
    ? given !== undefined && !/^(qcow2?|qed|vmdk|vdi|vpc|luks)$/.test(given)
    : given === format;

/** A command may take a file that is there for one of any format. */
const isOpenedByHand = ({ exchanges }: Evidence): boolean =>
  exchanges.some(({ args }) => JSON.stringify(args).includes('"mode":"existing"'));
