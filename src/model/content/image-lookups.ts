import { anything, type Content } from './content.ts';
import type { Window } from './guest-history.ts';
import type { DiskOfGuest, Image, ImageGraph, Node, Part } from './image-graph.ts';

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

export const isLost = (disk: DiskOfGuest): boolean => disk.lostAt !== Number.POSITIVE_INFINITY;

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
