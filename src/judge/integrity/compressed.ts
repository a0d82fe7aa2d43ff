import { asPlace } from '../../trace/place.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { ImageStory } from './image-story.ts';
import type { IntegrityRule } from './integrity-rule.ts';
import { type Written, writtenByOneJob } from './space.ts';

export const compressed: IntegrityRule = {
  rule: {
    name: 'integrity/compressed',
    kind: 'integrity',
    statement:
      'A backup with compress leaves compressed clusters in an empty qcow2 target that nothing else writes, where it leaves any data there.',
    source:
      'qapi/block-core.json (QEMU 10.0), BackupCommon: "true to compress data, if the target format supports it. (default: false) (since 2.8)"; all that the arena and guests write can be compressed',
  },
  judge(evidence, story, ledger) {
    return writtenByOneJob(evidence, story).flatMap((written) => {
      const { seen, at } = written;
      if (!isCompressing(evidence, story, written)) return [];
      if (seen.compressed) ledger.held(compressed.rule);
      if (seen.compressed || !seen.data?.length) return [];
      const facts = { shape: 'image', image: seen.image, is: 'not compressed' } as const;
      return [{ rule: compressed.rule, at: asPlace(at), facts }];
    });
  },
};

function isCompressing(
  { bySent, opened }: Evidence,
  { graph, sources }: ImageStory,
  { file, job }: Written,
): boolean {
  const { name, args } = bySent.get(job.sent) ?? {};
  if (!/^(blockdev|drive)-backup$/.test(name ?? '') || args?.compress !== true) return false;
  const fresh = sources.fresh.get(file);
  const isEmpty = fresh ? fresh.empty : name === 'drive-backup' && args.mode !== 'existing';
  const isWrittenElse =
    graph.overwritten.some((each) => each.file === file) ||
    [...graph.disks.values()].some(({ lay }) => lay.some((each) => each.file === file));
  return (
    graph.images.get(file)?.format === 'qcow2' &&
    isEmpty &&
    !isWrittenElse &&
    job.ended?.how.how === 'finished' &&
    // Nobody knows how a boot sector is compressed.
    !opened.sequence.arena.disks.some(({ bootable }) => bootable)
  );
}
