import type { ImageFormat } from '../../sequence/arena.ts';
import { anything, type Content } from './content.ts';
import type { Window } from './guest-history.ts';

/**
 * Which image holds what while jobs run: images by file name, the nodes that name them, and the guest's disks with the
 * image that each lies on just now.
 */
export type ImageGraph = {
  images: Map<string, Image>;
  nodes: Map<string, Node>;
  /** Files by the URLs that servers have them under. */
  served: ReadonlyMap<string, string>;
  disks: Map<string, DiskOfGuest>;
  jobs: Map<string, Job>;
  /** Every job that was started, in order; what ended stays. */
  past: PastJob[];
  /** Images that something else than a guest or a job may have written to, and from where on. */
  overwritten: { file: string; from: number }[];
  /** Earliest place in the trace at which what is being followed may have taken effect. */
  now: number;
  /** From where on something that the model can't follow may have changed any image: nothing is promised any more. */
  lostAt: number;
};

export type Image = {
  file: string;
  format: ImageFormat;
  /** undefined: not known any more. */
  sizeBytes: number | undefined;
  /** The backing file that the header names: that is what a reader of the file sees. */
  header: string | undefined | 'unknown';
  /** The backing image that QEMU has below it. */
  backing: string | undefined;
  /** Since when the two differ, and what the header's chain shows where QEMU has not written since. */
  apart: { since: number; below: Content } | undefined;
  empty: boolean;
  /** It is no file of its own but what a node shows of this one: a part of it, or what it held at some time. */
  viewOf?: string;
  /** The node that whatever changes that one must pass. */
  viewBy?: string;
  /** What it holds while no guest disk lies on it. */
  settled: Settled;
  /** The job that writes it, and what it held before that. */
  writing: { job: string; before: Content } | undefined;
};

/** What an image must hold, and by which promise. `flushed`: the promise includes that QEMU has flushed it. */
export type Settled = { by: Promised; content: Content; why: string; flushed: boolean };

export type Promised =
  | 'guest-disk'
  | 'untouched'
  | 'mirror-copy'
  | 'mirror-top'
  | 'mirror-none'
  | 'ready-quit'
  | 'write-blocking'
  | 'backup'
  | 'commit';

/** `whole`: an image's format node; else a node below it, which shows its bytes as they lie in the file. */
export type Part = { file: string; whole: boolean };

/**
 * One that shows just what the node below it does has that one's name in `on`; `before`: what copy-before-write keeps,
 * and in which file.
 */
export type Node = Part | { on: string; before?: Content; keptIn?: string };

/** `lostAt`: from where on its content is open. `changedAt`: when the images below it last changed roles. */
export type DiskOfGuest = {
  name: string;
  drive: string;
  top: string;
  /** The node that its frontend stands on. */
  root: string;
  /** The images that it lay on, and from where on. */
  lay: { file: string; since: number }[];
  lostAt: number;
  changedAt: number;
};

export type Job = {
  key: string;
  /** The start: sent, and answered. */
  sent: number;
  done: number;
  /** Files of the images that it copies from and to. */
  reads?: string;
  writes: string;
  end(graph: ImageGraph, job: Job, ending: JobEnding, at: number): void;
};

/** What is remembered of a job; `ended`: undefined as long as it is under way. */
export type PastJob = Pick<Job, 'sent' | 'reads' | 'writes'> & {
  id: string;
  ended: { how: JobEnding; at: number } | undefined;
};

/** How a job ended. `asked`: where the command was sent that led to it. */
export type JobEnding =
  | { how: 'finished' }
  | { how: 'completed'; asked: number }
  | { how: 'cancelled softly'; asked: number }
  /**
   * Before its time; `ready`: where it got READY; `over`: what the guest had answered by there it had before that;
   * `idle`: it has changed nothing since; `faulty`: the job met errors.
   */
  | {
      how: 'cut';
      by: 'quit' | 'force' | 'kill';
      asked: number;
      ready: number | undefined;
      over: number;
      idle: boolean;
      faulty: boolean;
    }
  | { how: 'failed' }
  | { how: 'unclear' };

export const unknown: Settled = { by: 'untouched', content: anything, why: '', flushed: false };

/** The image that a command means by the name of a node or a drive; undefined where it is none of ours, or part of one. */
export function imageNamed(graph: ImageGraph, name: unknown): Image | undefined {
  if (typeof name !== 'string') return undefined;
  const disk = [...graph.disks.values()].find(({ drive }) => drive === name);
  const part = partOf(graph, name);
  const file = disk?.top ?? (part?.whole ? part.file : undefined);
  return file === undefined ? undefined : graph.images.get(file);
}

/** What a node shows, through whatever passes on what lies below it. */
export function partOf(graph: ImageGraph, name: string): Part | undefined {
  const node = graph.nodes.get(nodesBelow(graph, name).at(-1) ?? '');
  return node && 'file' in node ? node : undefined;
}

/** The node, and those that it passes on, from the top down. */
export function nodesBelow(graph: ImageGraph, name: string): string[] {
  const names: string[] = [];
  for (let next: string | undefined = name; next !== undefined && !names.includes(next); ) {
    names.push(next);
    const node: Node | undefined = graph.nodes.get(next);
    next = node && 'on' in node ? node.on : undefined;
  }
  return names;
}

/** The node that a command means by a name, which may be a drive's. */
export function nodeCalled(graph: ImageGraph, name: unknown): string {
  return [...graph.disks.values()].find(({ drive }) => drive === name)?.root ?? `${name}`;
}

/** Whether all that is written to the image passes that node: no guest's disk reaches it by another way. */
export function isPassed(graph: ImageGraph, file: string, name: unknown): boolean {
  const node = nodeCalled(graph, name);
  const { viewOf, viewBy } = graph.images.get(file) ?? {};
  if (viewOf !== undefined && !isPassed(graph, viewOf, viewBy)) return false;
  return disksOn(graph, file).every(({ root }) => nodesBelow(graph, root).includes(node));
}

/** A node of the image, be it one that nobody has given a name. */
export function nodeOn(graph: ImageGraph, file: string): string {
  const named = [...graph.nodes].find(([, node]) => 'file' in node && node.whole && node.file === file)?.[0];
  if (named !== undefined) return named;
  graph.nodes.set(`#${file}`, { file, whole: true });
  return `#${file}`;
}

export const disksOn = (graph: ImageGraph, file: string): DiskOfGuest[] =>
  [...graph.disks.values()].filter(({ top }) => top === file);

/** What reading an image gives at some instant of the window. */
export function contentOf(graph: ImageGraph, image: Image, window: Window): Content {
  const [disk, ...others] = disksOn(graph, image.file);
  // Opened over another backing file than its header names: what QEMU finds there is not followed.
  if (!disk) return image.apart ? anything : image.settled.content;
  return others.length > 0 || isLost(disk) ? anything : { is: 'disk', disk: disk.name, window };
}

/**
 * What a reader of the file finds while nobody writes it. An overlay that nothing was ever written to shows what lies
 * below it, however often that has changed meanwhile.
 */
export function readByHeader(graph: ImageGraph, image: Image): Content {
  const { settled, header, empty, sizeBytes } = image;
  if (settled.content.is !== 'anything' || header === undefined || header === 'unknown')
    return settled.content;
  const below = graph.images.get(header);
  const isBlank = empty && sizeBytes !== undefined && !isTouched(graph, image);
  const isStill =
    below !== undefined && !below.writing && !below.apart && disksOn(graph, header).length === 0;
  return isBlank && isStill && below.sizeBytes === sizeBytes ? readByHeader(graph, below) : anything;
}

/** Whether a guest's disk, a job or something else may have written to the image itself. */
const isTouched = ({ disks, past, overwritten }: ImageGraph, { file, writing }: Image): boolean =>
  writing !== undefined ||
  [...disks.values()].some(({ lay }) => lay.some((each) => each.file === file)) ||
  past.some(({ writes }) => writes === file) ||
  overwritten.some((each) => each.file === file);

/** The image and those below it, as QEMU has them, or as the headers name them. */
export function chainOf(graph: ImageGraph, file: string, by: 'backing' | 'header'): string[] {
  const chain: string[] = [];
  for (let next: string | undefined = file; next !== undefined && !chain.includes(next); ) {
    chain.push(next);
    next = graph.images.get(next)?.[by];
  }
  return chain;
}

/** Something other than a guest disk of its own writes the image: what it holds, and what shows through, is open. */
export function overwrite(graph: ImageGraph, file: string, isSpared?: (file: string) => boolean): void {
  graph.overwritten.push({ file, from: graph.now });
  shake(graph, file, isSpared);
}

function shake(graph: ImageGraph, file: string, isSpared?: (file: string) => boolean): void {
  forget(graph, file);
  forgetViews(graph, file);
  disturbAbove(graph, file, isSpared);
}

/** What nodes show of an image, be it of now or of the past. */
function forgetViews(graph: ImageGraph, file: string): void {
  for (const each of graph.images.values()) if (each.viewOf === file) forget(graph, each.file);
  for (const [name, node] of graph.nodes) {
    if (!('on' in node) || !node.before) continue;
    if (partOf(graph, name)?.file === file) node.before = anything;
    else if (node.keptIn === file) {
      for (const each of graph.images.values())
        if (each.viewOf !== undefined && each.settled.content === node.before) forget(graph, each.file);
      node.before = anything;
    }
  }
}

/** The image changes, and with it those that it shows through. */
export function disturbAbove(
  graph: ImageGraph,
  file: string,
  isSpared: (file: string) => boolean = () => false,
): void {
  for (const above of graph.images.keys()) {
    if (above === file || isSpared(above)) continue;
    const shows = (by: 'backing' | 'header'): boolean => chainOf(graph, above, by).includes(file);
    if (shows('backing') || shows('header')) forget(graph, above);
  }
}

export function forget(graph: ImageGraph, file: string): void {
  const image = graph.images.get(file);
  if (image) {
    image.settled = unknown;
    if (image.writing) image.writing = { ...image.writing, before: anything };
    if (image.apart) image.apart = { ...image.apart, below: anything };
  }
  for (const disk of disksOn(graph, file)) loseDisk(graph, disk);
}

export const isLost = (disk: DiskOfGuest): boolean => disk.lostAt !== Number.POSITIVE_INFINITY;

export function loseDisk(graph: ImageGraph, disk: DiskOfGuest): void {
  disk.lostAt = Math.min(disk.lostAt, graph.now);
}

export function loseAll(graph: ImageGraph): void {
  graph.lostAt = Math.min(graph.lostAt, graph.now);
  for (const file of graph.images.keys()) forget(graph, file);
}

/** A job begins to write the image. */
export function beginWriting(
  graph: ImageGraph,
  image: Image,
  job: string,
  isSpared?: (file: string) => boolean,
): void {
  const before =
    disksOn(graph, image.file).length === 0 && !image.writing ? readByHeader(graph, image) : anything;
  shake(graph, image.file, isSpared);
  image.writing = { job: image.writing ? 'several' : job, before };
  image.empty = false;
}

/** What the image held before the job; undefined where the job was not alone in writing it. */
export function endWriting(image: Image, job: string): Content | undefined {
  if (image.writing?.job !== job) return undefined;
  const { before } = image.writing;
  image.writing = undefined;
  return before;
}

/**
 * All that stood on one node stands on the other from now on: the guest's disks, what passes it on, and the overlays.
 * `from`, `to`: the images that the nodes show.
 */
export function replaceNode(
  graph: ImageGraph,
  { node, from }: { node: unknown; from: Image },
  { by, to }: { by: string; to: Image },
  at: number,
): void {
  const old = nodeCalled(graph, node);
  const moved = disksOn(graph, from.file).filter(({ root }) => nodesBelow(graph, root).includes(old));
  const overlays = [...graph.images.values()].filter((above) => above !== to && above.backing === from.file);
  // Which of the nodes that show an image an overlay of it stands on is not followed.
  if (overlays.length > 0 && isPassedOn(graph, from.file)) loseAll(graph);
  forgetViews(graph, from.file);
  for (const other of graph.nodes.values()) if ('on' in other && other.on === old) other.on = by;
  for (const each of moved) {
    if (each.root === old) each.root = by;
    each.top = to.file;
    each.lay.push({ file: to.file, since: at });
    each.changedAt = at;
  }
  for (const above of overlays) setBacking(above, to.file, at);
}

/** Whether some node passes on what a node of the image shows. */
const isPassedOn = (graph: ImageGraph, file: string): boolean =>
  [...graph.nodes].some(([name, node]) => 'on' in node && partOf(graph, name)?.file === file);

/** QEMU has another image below this one; its header says what it said. */
export function setBacking(
  image: Image,
  backing: string | undefined,
  at: number,
  below: Content = anything,
): void {
  image.backing = backing;
  image.apart = image.header === backing ? undefined : (image.apart ?? { since: at, below });
}

/** A job has written a new backing file name into the header, as QEMU itself has it below. */
export function rewriteHeader(
  image: Image,
  backing: string | undefined,
  header: string | undefined | 'unknown',
): void {
  image.backing = backing;
  image.header = header;
  if (header === backing) image.apart = undefined;
}
