import { fileOf } from '../../model/content/images.ts';
import type { Fact } from '../facts/fact.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { WhyUndecided } from '../why-undecided.ts';
import type { IntegrityRule } from './integrity-rule.ts';
import { qemuEndOf } from './qemu-end.ts';
import { filesWithWriteFaults } from './write-faults.ts';

export const imageCheck: IntegrityRule = {
  rule: {
    name: 'integrity/image-check',
    kind: 'integrity',
    statement:
      'A qcow2 image is consistent; clusters have leaked only where QEMU was killed or writing the image met errors.',
    source:
      'we expect it: an orderly close leaves no leaked clusters, which are no harm to data, and refcounts are right at any time (docs/interop/qcow2.txt)',
  },
  judge(evidence, { graph, qemu, found }, ledger) {
    const faulty = filesWithWriteFaults(evidence);
    // Of the QEMU that takes the machine nobody sees how it ends, and where the other one has left it is killed.
    const served = new Set(
      evidence.opened.sequence.arena.disks.filter(({ servedBy }) => servedBy === 'destination').map(fileOf),
    );
    return found.flatMap(({ at, file, seen }) => {
      if (!seen.check) return [];
      const isLost = graph.lostAt !== Number.POSITIVE_INFINITY;
      if (seen.check.outcome !== 'broken') {
        if (seen.check.outcome === 'holds') ledger.held(imageCheck.rule);
        else ledger.undecided(imageCheck.rule, 'image not read');
        return [];
      }
      const leaksOnly = seen.check.text.startsWith('leaks only');
      const isAllowed = leaksOnly && (!qemu.clean || wasKilled(evidence.former) || served.has(file));
      const why: WhyUndecided | undefined =
        isLost || graph.images.get(file)?.header === 'unknown'
          ? 'images unknown'
          : faulty.has(file)
            ? 'write errors'
            : undefined;
      if (why || isAllowed) {
        if (why) ledger.undecided(imageCheck.rule, why);
        else ledger.held(imageCheck.rule);
        return [];
      }
      const { image, check } = seen;
      const facts: Fact = { shape: 'image', image, is: 'inconsistent', leaksOnly, said: check.text };
      return [{ rule: imageCheck.rule, at, facts }];
    });
  },
};

/** Whether some QEMU before did not come to tidy up: nobody gives back what has leaked then. */
const wasKilled = (evidence: Evidence | undefined): boolean =>
  evidence !== undefined && (!qemuEndOf(evidence).clean || wasKilled(evidence.former));
