import type { Trace } from '../../trace/observation.ts';

type Range = { offsetBytes: number; lengthBytes: number | undefined };

/**
 * Where in an image the wrong content lies, in the classes that tell one defect from another: all of it, its end, or
 * some part, which is where the sequence wrote. undefined where the text of the violation names no place. Ranges are
 * written `OFFSET+LENGTH`, or `offset OFFSET` where only the beginning is known.
 */
export function rangeClass(text: string, trace: Trace): string | undefined {
  const ranges = rangesIn(text);
  const [first, last] = [ranges[0], ranges.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const sizeBytes = imageSize(text, trace);
  if (first.lengthBytes === undefined)
    return first.offsetBytes < clusterBytes ? 'from the first cluster on' : 'from later on';
  const reachesEnd = sizeBytes > 0 && last.offsetBytes + (last.lengthBytes ?? 0) >= sizeBytes;
  if (first.offsetBytes === 0 && reachesEnd && ranges.length === 1) return 'whole';
  return reachesEnd ? 'tail' : 'part';
}

/** qcow2's default, which is also the grain of seeded disks. */
const clusterBytes = 65_536;

function rangesIn(text: string): Range[] {
  const whole = [...text.matchAll(/\b(\d+)\+(\d+)\b/g)].map(([, offset, length]) => ({
    offsetBytes: Number(offset),
    lengthBytes: Number(length),
  }));
  if (whole.length > 0) return whole;
  return [...text.matchAll(/\boffset (\d+)/g)].map(([, offset]) => ({
    offsetBytes: Number(offset),
    lengthBytes: undefined,
  }));
}

/** The size of the disk that the text names, else of the largest. */
function imageSize(text: string, trace: Trace): number {
  const opened = trace[0];
  const disks = opened?.kind === 'opened' ? opened.sequence.arena.disks : [];
  const words = text.split(/[^\w.-]+/);
  const named = disks.filter(({ name }) => words.includes(name));
  return Math.max(0, ...(named.length > 0 ? named : disks).map((disk) => disk.sizeBytes));
}
