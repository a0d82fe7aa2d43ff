import type { WrongRange } from '../../judge/facts/content.ts';
import type { Trace } from '../../trace/observation.ts';

/**
 * Where in an image the wrong content lies, in the classes that tell one defect from another: all of it, its end, or
 * some part, which is where the sequence wrote.
 */
export function rangeClass(
  ranges: readonly Pick<WrongRange, 'offsetBytes' | 'lengthBytes'>[],
  image: string,
  trace: Trace,
): string {
  const [first, last] = [ranges[0], ranges.at(-1)];
  if (first === undefined || last === undefined) return 'somewhere';
  const sizeBytes = imageSize(image, trace);
  const reachesEnd = sizeBytes > 0 && last.offsetBytes + last.lengthBytes >= sizeBytes;
  if (first.offsetBytes === 0 && reachesEnd && ranges.length === 1) return 'whole';
  return reachesEnd ? 'tail' : 'part';
}

/** Where qemu-img compare says that two images differ: only the beginning is known. */
export function imageRange(said: string): string | undefined {
  const offset = /\boffset (\d+)/.exec(said)?.[1];
  if (offset === undefined) return undefined;
  return Number(offset) < clusterBytes ? 'from the first cluster on' : 'from later on';
}

/** qcow2's default, which is also the grain of seeded disks. */
const clusterBytes = 65_536;

/** The size of that disk, else of the largest. */
function imageSize(image: string, trace: Trace): number {
  const opened = trace[0];
  const disks = opened?.kind === 'opened' ? opened.sequence.arena.disks : [];
  const named = disks.filter(({ name }) => name === image);
  return Math.max(0, ...(named.length > 0 ? named : disks).map((disk) => disk.sizeBytes));
}
