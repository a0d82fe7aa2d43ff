import type { Content } from '../../model/content/content.ts';
import type { DiskOfGuest } from '../../model/content/image-graph.ts';
import type { ImageStory } from './image-story.ts';

/**
 * What a disk holds at least when QEMU did not come to write out everything: whatever was acknowledged before a flush
 * that was acknowledged, or with FUA. undefined where the disk has changed its image since: what QEMU itself has
 * flushed then is nowhere promised.
 */
export function durableContent({ guest, qemu }: ImageStory, disk: DiskOfGuest): Content | undefined {
  const flushes = guest.get(disk.name)?.flushes ?? [];
  const flushed = Math.max(0, ...flushes.map(({ begin }) => begin));
  if (disk.changedAt > 0 && disk.changedAt >= flushed) return undefined;
  return { is: 'disk', disk: disk.name, window: { from: flushed, to: qemu.at, durableTo: qemu.at } };
}
