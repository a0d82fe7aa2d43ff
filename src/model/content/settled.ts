import { anything, type Content } from './content.ts';
import type { DiskOfGuest, ImageGraph, Settled } from './image-graph.ts';
import { chainOf, disksOn, isLost } from './image-lookups.ts';

/** What an image must hold when all is over, read by its header; `disk`: the guest's disk that lies on it. */
export type Promise = Settled & { disk?: DiskOfGuest };

/** undefined where nothing is promised. `end`: the place in the trace from which on nothing changes. */
export function promiseOn(graph: ImageGraph, file: string, end: number): Promise | undefined {
  const image = graph.images.get(file);
  if (!image || graph.lostAt !== Number.POSITIVE_INFINITY) return undefined;
  const [disk, ...others] = disksOn(graph, file);
  if (others.length > 0 || (disk && isLost(disk))) return undefined;
  if (!isReadAsInQemu(graph, file)) return undefined;
  const held: Promise = disk
    ? {
        by: 'guest-disk',
        content: { is: 'disk', disk: disk.name, window: { from: end, to: end } },
        why: 'in the end',
        flushed: false,
        disk,
      }
    : image.settled;
  return image.apart ? { ...held, content: seenApart(file, held.content, image.apart) } : held;
}

/** Whether below the image its headers name what QEMU had there. */
function isReadAsInQemu(graph: ImageGraph, file: string): boolean {
  const chain = chainOf(graph, file, 'header').map((each) => graph.images.get(each));
  return chain.every((image, i) => image && image.header !== 'unknown' && (i === 0 || !image.apart));
}

/** Read by another backing file than QEMU had: only what was written since they parted is sure to be in the image. */
export function seenApart(
  file: string,
  content: Content,
  { since, below }: { since: number; below: Content },
): Content {
  // A job that goes by a bitmap writes whole clusters, and all else is as the header's chain has it.
  if (content.is === 'partly' && content.namedFor !== undefined) return content;
  if (content.is !== 'disk') return content.is === 'fresh' && content.file === file ? content : anything;
  return { is: 'partly', of: content, written: { from: since, to: content.window.from }, below };
}
