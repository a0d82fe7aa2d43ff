import type { JsonObject } from '../../../sequence/json-object.ts';
import type { Json } from '../../../sequence/step.ts';
import { anything, type Content } from '../content.ts';
import { overwrite } from '../image-changes.ts';
import { type Image, type ImageGraph, type Node, unknown } from '../image-graph.ts';
import { contentOf, disksOn, imageNamed, nodesBelow, partOf } from '../image-lookups.ts';
import { windowFile } from '../images.ts';

/**
 * The node that such options make where it shows what a node below it does, or a part of it, or what that held at some
 * time; undefined for all others. `at`: the place by which it is there.
 */
export function passedOn(graph: ImageGraph, options: JsonObject, at: number): Node | undefined {
  const below = options.file ?? options.test;
  if (typeof below !== 'string' || !partOf(graph, below)?.whole) return undefined;
  switch (options.driver) {
    case 'throttle':
    case 'compress':
      return { on: below };
    case 'copy-on-read':
      fills(graph, below);
      return { on: below };
    case 'copy-before-write':
      writes(graph, options.target);
      return { on: below, ...kept(graph, options, heldBelow(graph, below, at)) };
    case 'blklogwrites':
      writes(graph, options.log);
      return { on: below };
    case 'blkverify':
      if (options.file !== undefined) return undefined;
      writes(graph, options.raw);
      sizeIsOpen(graph, options.raw);
      return { on: below };
    case 'raw':
      return options.offset === undefined && options.size === undefined
        ? { on: below }
        : view(graph, options, below, windowFile(`${options['node-name']}`));
    case 'snapshot-access':
      return view(graph, options, below, `#past ${options['node-name']}`);
    default:
      return undefined;
  }
}

/** Clusters of the backing file come into the image: nothing that is seen changes, but it is not empty any more. */
function fills(graph: ImageGraph, node: string): void {
  const image = imageNamed(graph, node);
  if (!image) return;
  image.empty = false;
  if (image.apart) image.apart = { ...image.apart, below: anything };
}

/** The image below that name is written to in ways that are not followed. */
function writes(graph: ImageGraph, node: Json | undefined): void {
  const part = typeof node === 'string' ? partOf(graph, node) : undefined;
  if (part) overwrite(graph, part.file);
}

/** Who resizes blkverify, or a filter above it, resizes its raw child. */
function sizeIsOpen(graph: ImageGraph, node: Json | undefined): void {
  const image = typeof node === 'string' ? imageNamed(graph, node) : undefined;
  if (image) image.sizeBytes = undefined;
}

/** A guest that writes to where the past is kept changes that. */
function kept(
  graph: ImageGraph,
  { target }: JsonObject,
  held: Content,
): { before: Content; keptIn?: string } {
  const file = typeof target === 'string' ? partOf(graph, target)?.file : undefined;
  if (file === undefined) return { before: held };
  return { before: disksOn(graph, file).length > 0 ? anything : held, keptIn: file };
}

const heldBelow = (graph: ImageGraph, node: string, at: number): Content => {
  const image = imageNamed(graph, node);
  return image ? contentOf(graph, image, { from: graph.now, to: at }) : anything;
};

/** An image of its own to the jobs that read it; what is written by way of it is no more known of the one below. */
function view(graph: ImageGraph, options: JsonObject, below: string, file: string): Node | undefined {
  const image = imageNamed(graph, below);
  if (!image) return undefined;
  const content = options.driver === 'raw' ? known(graph, file) : past(graph, below);
  const sizeBytes = options.driver === 'raw' ? graph.images.get(file)?.sizeBytes : image.sizeBytes;
  const made: Image = {
    file,
    format: 'raw',
    sizeBytes,
    header: undefined,
    backing: undefined,
    apart: undefined,
    empty: false,
    viewOf: image.file,
    viewBy: options.driver === 'raw' ? `${options['node-name']}` : below,
    settled: { ...unknown, content },
    writing: undefined,
  };
  if (options.driver === 'raw') overwrite(graph, image.file);
  graph.images.set(file, made);
  return { file, whole: true };
}

const known = (graph: ImageGraph, file: string): Content =>
  graph.images.has(file) ? { is: 'fresh', file } : anything;

/** What copy-before-write below it found when it was put there. */
function past(graph: ImageGraph, below: string): Content {
  const node = nodesBelow(graph, below)
    .map((name) => graph.nodes.get(name))
    .find((each) => each && 'before' in each);
  return node && 'before' in node ? (node.before ?? anything) : anything;
}
