import type { Arena, ArenaNode, Disk, ImageFormat } from '../../sequence/arena.ts';
import {
  allocatedRuns,
  type ByteRun,
  bootRun,
  contentRuns,
  seedTextFor,
  zeroRuns,
} from '../../sequence/fill.ts';
import { disksMadeBySteps } from '../../sequence/new-disk.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Origin } from '../../trace/content-run.ts';
import { append, clip, type Expectation, type Origins, only, type Stretch, uniform } from './expectation.ts';

/** An image file as it is before anything writes to it; a file is known by its name, without the directory. */
export type FreshImage = {
  file: string;
  format: ImageFormat;
  sizeBytes: number;
  /** The backing file that its header names. */
  header: string | undefined;
  /** What it holds, read through its backing chain. */
  initial: Expectation;
  /** It allocates nothing of its own. */
  empty: boolean;
};

export const fileOf = ({ name, format }: Pick<Disk, 'name' | 'format'>): string => `${name}.${format}`;

/** The images of a sequence's disks, those among them that steps make, by file. */
export function freshImages(sequence: Sequence): Map<string, FreshImage> {
  const images = new Map<string, FreshImage>();
  const { disks } = sequence.arena;
  const made = disksMadeBySteps(sequence).filter(({ name }) => !disks.some((disk) => disk.name === name));
  for (const disk of [...disks, ...made]) {
    const backing = disks.find(({ name }) => name === disk.backing);
    const below = backing && images.get(fileOf(backing));
    images.set(fileOf(disk), {
      file: fileOf(disk),
      format: disk.format,
      sizeBytes: disk.sizeBytes,
      header: below?.file,
      initial: initialContent(disk, seedTextFor(disk.name, sequence.seed), below?.initial),
      empty: (disk.fill ?? 'empty') === 'empty' && !disk.bootable && !disk.zeroes && !isWhole(disk),
    });
  }
  for (const node of sequence.arena.nodes ?? []) {
    const window = windowOf(node, sequence.arena, images);
    if (window) images.set(window.file, window);
  }
  return images;
}

/** All of it is allocated, with zeroes where there is no data. */
const isWhole = ({ format, qcow2 }: Disk): boolean =>
  format === 'luks' || qcow2?.preallocation !== undefined || qcow2?.dataFile === 'raw';

/** What a raw node with an offset or a size shows of a disk of the arena, as an image by itself. */
function windowOf(
  { driver, file: below, offset = 0, size, 'node-name': name }: ArenaNode,
  { disks }: Arena,
  images: ReadonlyMap<string, FreshImage>,
): FreshImage | undefined {
  const disk = disks.find((each) => each.name === below);
  const image = disk && images.get(fileOf(disk));
  if (driver !== 'raw' || !image || typeof offset !== 'number' || offset % 512 !== 0) return undefined;
  if (offset === 0 && size === undefined) return undefined;
  const sizeBytes = typeof size === 'number' ? size : image.sizeBytes - offset;
  const sectors = offset / 512;
  const initial = clip(image.initial, offset, offset + sizeBytes).map(({ from, to, origins }) => ({
    from: from - offset,
    to: to - offset,
    origins: origins === 'any' ? origins : new Set([...origins].map((origin) => displaced(origin, sectors))),
  }));
  const file = windowFile(name as string);
  return { file, format: 'raw', sizeBytes, header: undefined, initial, empty: false };
}

/** How a reader calls what lies so many sectors before its place. */
const displaced = (origin: Origin, sectors: number): Origin =>
  sectors > 0 && /^(?!byte:)[^:@]+:\d+$/.test(origin) ? (`${origin}@-${sectors}` as Origin) : origin;

/** What part of an image a raw node shows is known by the node's name. */
export const windowFile = (node: string): string => `#window ${node}`;

/** Own content over zeroes where something is allocated, and over the backing file elsewhere. */
function initialContent(
  { name, sizeBytes, format, clusterBytes, fill = 'empty', bootable, zeroes: zeroed = [], qcow2 = {} }: Disk,
  seedText: string,
  below: Expectation | undefined,
): Expectation {
  const own = contentRuns(fill, sizeBytes, seedText, bootable);
  // With extended L2 entries a cluster is allocated by its 32 parts, unless it is compressed.
  const grain = qcow2.extendedL2 && !qcow2.compressed ? (clusterBytes ?? 65_536) / 32 : clusterBytes;
  const allocated =
    format === 'raw'
      ? own
      : allocatedRuns([...own, ...zeroRuns(zeroed, sizeBytes, clusterBytes)], sizeBytes, grain);
  const bottom = uniform(sizeBytes, zeroes);
  const hidden = below ? painted(resized(below, sizeBytes), allocated, zeroes) : bottom;
  const filled = painted(hidden, own, only(`${name}:0`));
  return bootable ? painted(filled, [bootRun], only('boot')) : filled;
}

const zeroes = only('zero');

/** A disk that is longer than its backing file reads zeroes behind that one's end. */
function resized(below: Expectation, sizeBytes: number): Expectation {
  const made: Stretch[] = [];
  for (const { from, to, origins } of below) {
    if (from < sizeBytes) append(made, { from, to: Math.min(to, sizeBytes), origins });
  }
  const end = made.at(-1)?.to ?? 0;
  append(made, { from: end, to: sizeBytes, origins: zeroes });
  return made;
}

/** The expectation with `origins` in the runs. */
function painted(under: Expectation, runs: readonly ByteRun[], origins: Origins): Expectation {
  const made: Stretch[] = [];
  let next = 0;
  for (const stretch of under) {
    for (let at = stretch.from; at < stretch.to; ) {
      const run = runs[next];
      const [begin, length] = run ?? [Number.POSITIVE_INFINITY, 0];
      const inside = begin <= at;
      const to = Math.min(stretch.to, inside ? begin + length : begin);
      append(made, { from: at, to, origins: inside ? origins : stretch.origins });
      at = to;
      if (run && at >= begin + length) next++;
    }
  }
  return made;
}
