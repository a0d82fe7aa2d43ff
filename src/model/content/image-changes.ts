import { anything, type Content } from './content.ts';
import { type DiskOfGuest, type Image, type ImageGraph, unknown } from './image-graph.ts';
import { chainOf, disksOn, nodeCalled, nodesBelow, partOf, readByHeader } from './image-lookups.ts';

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

/**
 * A job has written a new backing file name into the header, as QEMU itself has it below; `named`: the one that it was
 * given; `placed`: where it surely is that image.
 */
export function rewriteHeader(
  image: Image,
  backing: string | undefined,
  header: string | undefined | 'unknown',
  { named, placed }: Pick<Image, 'named' | 'placed'> = {},
): void {
  image.named = named;
  image.placed = placed;
  image.backing = backing;
  image.header = header;
  if (header === backing) image.apart = undefined;
}
