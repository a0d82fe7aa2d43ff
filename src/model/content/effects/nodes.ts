import { imageFormats } from '../../../sequence/arena.ts';
import { isJsonObject } from '../../../sequence/json-object.ts';
import type { Json } from '../../../sequence/step.ts';
import { anything } from '../content.ts';
import { fileNamed } from '../files.ts';
import type { DoneCommand } from '../follow.ts';
import { forget, loseAll, overwrite, setBacking } from '../image-changes.ts';
import type { ImageGraph, Part } from '../image-graph.ts';
import { chainOf, imageNamed, partOf, readByHeader } from '../image-lookups.ts';
import { seenApart } from '../settled.ts';
import { passedOn } from './filters.ts';

type Options = Record<string, Json>;

/** `blockdev-add`: another name for an image, or an image opened that was not open yet. */
export function addNode(graph: ImageGraph, { args, done }: DoneCommand): void {
  if (!addOptions(graph, args, done)) loseNamed(graph, args);
}

/** `blockdev-del`: the name is free again; what the image holds does not change. */
export function deleteNode(graph: ImageGraph, { args }: DoneCommand): void {
  const name = args['node-name'];
  if (typeof name !== 'string') return;
  const node = graph.nodes.get(name);
  graph.nodes.delete(name);
  if (node && 'file' in node && node.whole) forgetHowOpened(graph, node.file);
}

/** Nobody has the image open any more: whoever opens it again goes by its header. */
function forgetHowOpened(graph: ImageGraph, file: string): void {
  const image = graph.images.get(file);
  if (!image?.apart || image.header === 'unknown' || image.writing) return;
  const open = [
    ...[...graph.nodes.values()].flatMap((node) => ('file' in node && node.whole ? [node.file] : [])),
    ...[...graph.disks.values()].map(({ top }) => top),
  ];
  if (open.some((each) => chainOf(graph, each, 'backing').includes(file))) return;
  image.settled = { ...image.settled, content: seenApart(file, image.settled.content, image.apart) };
  image.backing = image.header;
  image.apart = undefined;
}

/** `blockdev-reopen`: followed where the node keeps its image and its backing, as when a fault is put in below it. */
export function reopenNodes(graph: ImageGraph, { args }: DoneCommand): void {
  const list = Array.isArray(args.options) ? args.options : [args];
  for (const options of list) {
    if (!isJsonObject(options)) {
      loseAll(graph);
      return;
    }
    if (isSamePart(graph, options)) continue;
    const image = imageNamed(graph, options['node-name']);
    const below = nodeOf(graph, options.file);
    const backing = backingOf(graph, options);
    const same = image && below?.file === image.file && (backing === 'header' || backing === image.backing);
    if (!same) loseNamed(graph, options);
  }
}

/** A node below the format node, on the same image as before. */
function isSamePart(graph: ImageGraph, options: Options): boolean {
  const node = nodeOf(graph, options['node-name']);
  return node !== undefined && !node.whole && nodeOf(graph, options)?.file === node.file;
}

/** Commands after which an image's size, header or format is another. */
export function resize(graph: ImageGraph, { args }: DoneCommand): void {
  // Of two names QEMU takes the one it finds first: a drive by `device`, else a node by `node-name`.
  const images = [args.device, args['node-name']].flatMap((name) => imageNamed(graph, name) ?? []);
  if (images.length === 0) loseAll(graph);
  for (const image of images) {
    image.sizeBytes = undefined;
    overwrite(graph, image.file);
  }
}

/** QEMU goes on with the images that it has: only what a reader of the file sees may be another. */
export function changeBackingFile(graph: ImageGraph, { args }: DoneCommand): void {
  const image = imageNamed(graph, args['image-node-name']);
  if (!image) {
    loseAll(graph);
    return;
  }
  const given = args['backing-file'];
  image.placed = undefined;
  image.named = typeof given === 'string' && given !== '' ? given : undefined;
  const named = fileNamed(graph, given);
  if (named === undefined || named !== image.header) image.header = 'unknown';
}

/** `blockdev-create` formats what its options name. */
export function createImage(graph: ImageGraph, { args }: DoneCommand): void {
  loseNamed(graph, args);
}

/** What a node shows, and whether that is known: false for drivers that put several images together. */
function addOptions(graph: ImageGraph, options: Options, at: number): boolean {
  const name = options['node-name'];
  const filter = passedOn(graph, options, at);
  if (filter && typeof name === 'string') {
    graph.nodes.set(name, filter);
    return true;
  }
  const node = nodeOf(graph, options);
  if (!node) return false;
  const image = graph.images.get(node.file);
  if (typeof name !== 'string' || !image) return node.file === '';
  const isFormat = node.whole && imageFormats.some((format) => format === options.driver);
  if (isFormat) {
    const twice = [...graph.nodes].some(
      ([other, known]) => 'file' in known && known.whole && known.file === node.file && other !== name,
    );
    if (twice) forget(graph, node.file);
    const backing = backingOf(graph, options);
    if (backing === 'not ours') forget(graph, node.file);
    else
      setBacking(image, backing === 'header' ? known(image.header) : backing, at, readByHeader(graph, image));
  }
  graph.nodes.set(name, node);
  return true;
}

/** What the options open, or the node that they name; a `file` of '' is no image of the sequence. */
function nodeOf(graph: ImageGraph, options: Json | undefined): Part | undefined {
  if (typeof options === 'string') return partOf(graph, options);
  if (!isJsonObject(options)) return undefined;
  switch (options.driver) {
    case 'file':
      return { file: imageFile(graph, options.filename), whole: false };
    case 'null-co':
    case 'null-aio':
      return { file: '', whole: false };
    case 'throttle':
      return nodeOf(graph, options.file);
    case 'blkdebug':
      return nodeOf(graph, options.image);
    case 'raw':
    case 'qcow2':
    case 'luks':
    case 'vmdk':
    case 'vdi':
    case 'qed': {
      const below = nodeOf(graph, options.file);
      if (!below) return undefined;
      const whole = graph.images.get(below.file)?.format === options.driver;
      // Below a qcow2 node a raw one of a fixed size only takes the room away in which the image could grow.
      const isPart = options.offset !== undefined || (whole && options.size !== undefined);
      return isPart ? undefined : { ...below, whole };
    }
    default:
      return undefined;
  }
}

function imageFile(graph: ImageGraph, filename: Json | undefined): string {
  const file = fileNamed(graph, filename) ?? '';
  return graph.images.has(file) ? file : '';
}

/** The image that the options put below; as the header says where they say nothing. */
function backingOf(
  graph: ImageGraph,
  { driver, backing }: Options,
): string | undefined | 'header' | 'not ours' {
  if (driver === 'raw' || driver === 'luks' || backing === null) return undefined;
  if (backing === undefined) return 'header';
  return imageNamed(graph, backing)?.file ?? 'not ours';
}

const known = (header: string | undefined): string | undefined => (header === 'unknown' ? undefined : header);

/** Every image that the options speak of, by node or by file: it is written, or read, in ways not followed here. */
function loseNamed(graph: ImageGraph, value: Json): void {
  if (typeof value === 'string') {
    const file = partOf(graph, value)?.file ?? imageFile(graph, value);
    const image = graph.images.get(file);
    if (!image) return;
    image.sizeBytes = undefined;
    image.header = 'unknown';
    overwrite(graph, file);
    image.settled = { ...image.settled, content: anything };
  } else if (value !== null && typeof value === 'object') {
    for (const inner of Object.values(value)) loseNamed(graph, inner as Json);
  }
}
