import type { ArenaNode, Disk } from '../../sequence/arena.ts';
import { asPlace, type Place } from '../../trace/place.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { eventsNamed, jobsOf } from '../reading/job-histories.ts';
import type { IntegrityRule } from './integrity-rule.ts';

export const discarded: IntegrityRule = {
  rule: {
    name: 'integrity/discarded',
    kind: 'integrity',
    statement:
      'Once a full backup of a snapshot-access node with discard-source has succeeded, no data cluster is left in the image where the copy-before-write filter kept old data, where both have discard=unmap. Not judged where anything but the guest and jobs of that node touched the two.',
    source:
      'qapi/block-core.json (QEMU 10.0), BackupCommon: "Discard blocks on source which have already been copied to the target. (Since 9.1)"; block/copy-before-write.c passes such a discard on to the target, by whole clusters, and copies nothing there any more',
    since: '10.0',
  },
  judge(evidence, _, ledger) {
    const { trace, opened } = evidence;
    return opened.sequence.arena.disks.flatMap((disk) => {
      const looked = trace.findLastIndex((seen) => seen.kind === 'space' && seen.image === disk.name);
      const seen = trace[looked];
      const filter = keptBy(evidence, disk);
      if (seen?.kind !== 'space' || !seen.data || !filter || !isGivenUp(evidence, filter)) return [];
      const ended = Math.floor(disk.sizeBytes / clusterBytes) * clusterBytes;
      const left = seen.data.find(([offsetBytes]) => offsetBytes < ended);
      if (!left) {
        ledger.held(discarded.rule);
        return [];
      }
      const [offsetBytes, lengthBytes] = left;
      const is = { is: 'not discarded', offsetBytes, lengthBytes } as const;
      return [
        { rule: discarded.rule, at: asPlace(looked), facts: { shape: 'image', image: disk.name, ...is } },
      ];
    });
  },
};

/** What the filter copies at once: the larger of this and its target's clusters. */
const clusterBytes = 65_536;

/** The one filter that keeps old data in the disk, where that is a plain qcow2 image which can be discarded. */
function keptBy({ opened }: Evidence, disk: Disk): string | undefined {
  const { nodes = [] } = opened.sequence.arena;
  const [filter, ...others] = nodes.filter((node) => JSON.stringify(node).includes(`"${disk.name}"`));
  const isPlain =
    disk.format === 'qcow2' &&
    disk.discard === 'unmap' &&
    disk.clusterBytes === undefined &&
    disk.qcow2 === undefined &&
    disk.layers === undefined &&
    disk.frontend === undefined &&
    disk.backing === undefined &&
    (disk.storage ?? 'file') === 'file' &&
    (disk.fill ?? 'empty') === 'empty';
  const isFilter =
    filter?.driver === 'copy-before-write' &&
    filter.target === disk.name &&
    filter.bitmap === undefined &&
    filter['min-cluster-size'] === undefined;
  return isPlain && isFilter && others.length === 0 ? String(filter['node-name']) : undefined;
}

/** A whole backup of what the filter kept has given all of it up, and the guest alone has met the filter. */
function isGivenUp(evidence: Evidence, filter: string): boolean {
  const { trace, opened, exchanges, former, hasFreshImages } = evidence;
  const { nodes = [], disks } = opened.sequence.arena;
  const past = nodes.find(
    (node) => node.driver === 'snapshot-access' && node.file === filter && node.discard === 'unmap',
  );
  if (!past || former || !hasFreshImages) return false;
  const isTouched =
    trace.some(
      (seen) =>
        seen.kind === 'fault' ||
        seen.kind === 'raw-sent' ||
        seen.kind === 'restarted' ||
        (seen.kind === 'event' && /^(BLOCK_JOB_ERROR|BLOCK_IO_ERROR)$/.test(seen.name)) ||
        (seen.kind === 'guest-end' && seen.result !== 'ok'),
    ) || exchanges.some((each) => each.step !== undefined && touches(each, [past, ...nodes], disks, past));
  return !isTouched && exchanges.some((each) => isWholeBackup(evidence, each, past));
}

/** Other commands than backups of the snapshot, exports and its removal name one of the images, or do more than these. */
function touches(
  { name, args }: Exchange,
  nodes: readonly ArenaNode[],
  disks: readonly Disk[],
  past: ArenaNode,
): boolean {
  if (/^(query-|block-export-)/.test(name)) return false;
  if (name === 'blockdev-del') return args['node-name'] !== past['node-name'];
  if (/^(block-job|job)-/.test(name)) return false;
  if (name !== 'blockdev-backup' || args.device !== past['node-name']) return true;
  const target = disks.find((disk) => disk.name === args.target);
  return !target || nodes.some((node) => JSON.stringify(node).includes(`"${target.name}"`));
}

function isWholeBackup(evidence: Evidence, exchange: Exchange, past: ArenaNode): boolean {
  const { name, args, sent } = exchange;
  if (name !== 'blockdev-backup' || args.device !== past['node-name']) return false;
  if (args.sync !== 'full' || args['discard-source'] !== true || replyOf(evidence, exchange)?.error)
    return false;
  const life = jobsOf(evidence).lives.find(({ startedBy }) => startedBy === (sent as Place));
  const [completed] = life ? eventsNamed(life, 'BLOCK_JOB_COMPLETED') : [];
  return completed !== undefined && completed.data.error === undefined;
}
