import type { JsonObject } from '../../sequence/json-object.ts';
import type { Json, Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { GuessedNode } from '../guesses.ts';
import type { Situation } from '../situation.ts';
import {
  deviceArgument,
  drawJobId,
  drawSource,
  drawTarget,
  freshName,
  mayStart,
  nodeArgument,
} from './candidates.ts';
import { command, only } from './command.ts';
import { copyPolicies, jobOptions } from './job-options.ts';
import { newDisk, newFile } from './start-mirror.ts';

/** blockdev-backup, or the drive-backup that it replaced. */
export function startBackup(draw: Draw, situation: Situation): Step[] | undefined {
  const source = mayStart(situation)
    ? drawSource(draw, situation, () => true, { belowFilters: true })
    : undefined;
  if (!source) return undefined;
  const [name, args] = drawBackup(draw, situation, source);
  return only(command(draw, situation, name, args));
}

export type BackupSpelling = 'blockdev-backup' | 'drive-backup';

/** The command's name and arguments, as a transaction wants them too; of one spelling where it has to be that one. */
export function drawBackup(
  draw: Draw,
  situation: Situation,
  source: GuessedNode,
  spellings: readonly BackupSpelling[] = ['blockdev-backup', 'drive-backup'],
): [name: BackupSpelling, args: JsonObject] {
  const { options } = situation.habits;
  const sync = syncMode(draw, situation, source);
  const args = {
    'job-id': drawJobId(draw, situation),
    device: deviceArgument(source),
    ...sync,
    ...jobOptions(draw, situation),
    ...copyPolicies(draw, situation),
    ...(draw.chance(options / 2) ? { 'filter-node-name': freshName(situation, 'filter') } : {}),
    ...draw.sometimes(options / 2, { 'x-perf': perf(draw) }),
    ...draw.sometimes(options / 2, { 'on-cbw-error': draw.oneOf(['break-guest-write', 'break-snapshot']) }),
  };
  // It opens the backing file a second time, which a node that may write to it does not let it.
  const opensBacking = sync.sync === 'top' && source.backing !== undefined && source.frontend !== 'drive';
  const isDrive = (): boolean =>
    spellings.length > 1 ? draw.chance(0.2) : spellings.includes('drive-backup');
  const compress = (format: Json | undefined): JsonObject =>
    format === 'qcow2' ? draw.sometimes(options / 3, { compress: true }) : {};
  if (!opensBacking && isDrive()) {
    const made = newFile(draw, situation, 'b', sync.sync);
    return ['drive-backup', { ...args, ...made, ...compress(made.format) }];
  }
  const target = draw.chance(0.85) ? drawTarget(draw, situation, source) : undefined;
  if (target)
    return ['blockdev-backup', { ...args, target: nodeArgument(target), ...compress(target.driver) }];
  const made = newDisk(draw, situation, source);
  return ['blockdev-backup', { ...args, target: made, ...compress(made.format) }];
}

/** Incremental needs a bitmap, and the mode full takes one in its own way. */
function syncMode(draw: Draw, { bitmaps }: Situation, source: GuessedNode): JsonObject & { sync: string } {
  const bitmap = draw.anyOf(bitmaps.filter(({ node }) => node === source.name));
  if (!bitmap || draw.chance(0.3)) return { sync: draw.oneOf(['full', 'full', 'top', 'none'] as const) };
  return draw.chance(0.5)
    ? { sync: 'incremental', bitmap: bitmap.name }
    : {
        sync: draw.oneOf(['bitmap', 'full', 'top'] as const),
        bitmap: bitmap.name,
        'bitmap-mode': draw.oneOf(['on-success', 'always'] as const),
      };
}

/** Never `min-cluster-size`: what is huge there ends QEMU, which is known. */
const perf = (draw: Draw): JsonObject => ({
  ...draw.sometimes(0.6, { 'use-copy-range': draw.chance(0.5) }),
  ...draw.sometimes(0.6, { 'max-workers': draw.oneOf([1, 2, 64]) }),
  ...draw.sometimes(0.4, { 'max-chunk': draw.oneOf([0, 65_536, 2 ** 20, 2 ** 21]) }),
});
