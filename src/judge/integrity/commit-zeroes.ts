import { asPlace } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { ImageStory } from './image-story.ts';
import type { IntegrityRule } from './integrity-rule.ts';
import { grainBytesOf, type Written, writtenByOneJob } from './space.ts';

export const commitZeroes: IntegrityRule = {
  rule: {
    name: 'integrity/commit-zeroes',
    kind: 'integrity',
    statement:
      'A commit leaves clusters that the guest had zeroed in the upper image as zero clusters of a qcow2 base, and writes no zeroes out.',
    source:
      'we expect it: from 10.0.7 and 10.1 on a commit passes zeroes on as such (block/commit.c, "block: allow commit to unmap zero blocks"); before, they were written out',
    since: '10.1',
  },
  judge(evidence, story, ledger) {
    return writtenByOneJob(evidence, story).flatMap((written) => {
      const { seen, job } = written;
      const isCommit = evidence.bySent.get(job.sent)?.name === 'block-commit';
      if (!isCommit || !seen.data || !/^(finished|completed)$/.test(job.ended?.how.how ?? '')) return [];
      const { data } = seen;
      const zeroes = zeroedClusters(evidence, story, written);
      const bad = zeroes.find(([from, to]) => data.some(([at, length]) => at < to && at + length > from));
      if (zeroes.length > 0 && !bad) ledger.held(commitZeroes.rule);
      if (!bad) return [];
      const facts: Fact = {
        shape: 'image',
        image: seen.image,
        is: 'zeroes written out',
        offsetBytes: bad[0],
        lengthBytes: bad[1] - bad[0],
      };
      return [{ rule: commitZeroes.rule, at: asPlace(written.at), facts }];
    });
  },
};

/** Whole clusters that the guest zeroed in the upper image before the commit, and has touched with nothing else. */
function zeroedClusters(
  evidence: Evidence,
  { graph, guest, sources }: ImageStory,
  { file, job }: Written,
): [from: number, to: number][] {
  const top = job.reads ?? '';
  const grain = grainBytesOf(evidence);
  // A chain with images between them, and a base that began as raw, tell nothing here.
  if (sources.fresh.get(top)?.header !== file || sources.fresh.get(top)?.format !== 'qcow2') return [];
  return [...guest].flatMap(([name, { changes }]) => {
    const lay = graph.disks.get(name)?.lay[0];
    if (lay?.file !== top) return [];
    return changes.flatMap((change): [number, number][] => {
      const { kind, acknowledged, end, offsetBytes, lengthBytes } = change;
      const from = Math.ceil(offsetBytes / grain) * grain;
      const to = Math.floor((offsetBytes + lengthBytes) / grain) * grain;
      const isOnly = changes.every(
        (each) => each === change || each.offsetBytes >= to || each.offsetBytes + each.lengthBytes <= from,
      );
      return kind === 'zero' && acknowledged && end < job.sent && from < to && isOnly ? [[from, to]] : [];
    });
  });
}
