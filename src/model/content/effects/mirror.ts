import { jobOf } from '../../../qemu/cards.ts';
import type { Json } from '../../../sequence/step.ts';
import { anything, type Content } from '../content.ts';
import { createFile, fileNamed } from '../files.ts';
import type { DoneCommand } from '../follow.ts';
import { beginWriting, endWriting, loseAll, loseDisk, replaceNode } from '../image-changes.ts';
import type { Image, ImageGraph, Job, JobEnding, Settled } from '../image-graph.ts';
import { contentOf, disksOn, imageNamed, isPassed, nodeCalled, nodeOn } from '../image-lookups.ts';

/**
 * How the target shows the source's content: `full` holds all of it; `over` holds what differs from the backing file
 * that it shares with the source, or from the source itself (sync=none); `part` holds some, the rest is its own.
 */
type Replica = 'full' | 'over' | 'part';

/** `blockdev-mirror`, `drive-mirror`: what they write, and what that leaves when they end. */
export function startMirror(graph: ImageGraph, command: DoneCommand, key: string): Job | undefined {
  const source = imageNamed(graph, command.args.device);
  const target = source && targetOf(graph, command, source);
  const isWhole = source && isPassed(graph, source.file, command.args.device);
  if (!source || !target || source === target || !isWhole || replacesAnother(graph, command, source)) {
    loseAll(graph);
    return undefined;
  }
  const { sync } = command.args;
  const replica = replicaOf(command, source, target);
  beginWriting(graph, target, key);
  const writeBlocking = command.args['copy-mode'] === 'write-blocking';
  const { granularity } = command.args;
  const grainBytes = typeof granularity === 'number' && granularity > 0 ? granularity : defaultGrainBytes;
  const mirror: Mirror = {
    nodes: {
      replaced: command.args.replaces ?? command.args.device,
      target: targetNode(graph, command, target),
    },
    source,
    target,
    replica,
    sync: `${sync}`,
    writeBlocking,
    grainBytes,
  };
  const images = { reads: source.file, writes: target.file };
  return { key, sent: command.sent, done: command.done, ...images, end: (...args) => end(mirror, ...args) };
}

/** The most that it is by itself (block/dirty-bitmap.c, bdrv_get_default_bitmap_granularity). */
const defaultGrainBytes = 65_536;

type Mirror = {
  nodes: { replaced: Json | undefined; target: string };
  source: Image;
  target: Image;
  replica: Replica;
  sync: string;
  writeBlocking: boolean;
  grainBytes: number;
};

function end(mirror: Mirror, graph: ImageGraph, job: Job, ending: JobEnding, at: number): void {
  const { source, target } = mirror;
  const before = endWriting(target, job.key);
  if (ending.how === 'unclear') loseSource(graph, source);
  else if (ending.how === 'completed') pivot(mirror, graph, ending.asked, at, before !== undefined);
  else if (before === undefined) return;
  else if (ending.how === 'cancelled softly') {
    target.settled = copied(
      mirror,
      graph,
      { sent: job.sent, since: job.done, asked: ending.asked, at },
      before,
    );
  } else if (ending.how === 'cut' && ending.ready !== undefined) {
    target.settled = cut(mirror, graph, { ...ending, ready: ending.ready }, at);
  }
}

/** The guest's disk lies on the target from now on; the source keeps what it held until then. */
function pivot(
  { nodes, source, target, replica }: Mirror,
  graph: ImageGraph,
  asked: number,
  at: number,
  alone: boolean,
): void {
  if (!alone || replica === 'part') loseSource(graph, source);
  const held = contentOf(graph, source, { from: asked, to: at });
  source.settled = promise('mirror-copy', held, 'until the mirror was completed');
  const content = alone && replica !== 'part' ? held : anything;
  target.settled = { ...promise('mirror-copy', content, 'when the mirror was completed'), flushed: true };
  replaceNode(graph, { node: nodes.replaced, from: source }, { by: nodes.target, to: target }, at);
}

/** A soft cancel after READY leaves a point-in-time copy, of as much as `sync` says. */
function copied(
  { source, replica, sync, grainBytes }: Mirror,
  graph: ImageGraph,
  { sent, since, asked, at }: { sent: number; since: number; asked: number; at: number },
  below: Content,
): Settled {
  const of = contentOf(graph, source, { from: asked, to: at });
  const by = sync === 'none' ? 'mirror-none' : sync === 'full' ? 'mirror-copy' : 'mirror-top';
  const isWhole = replica === 'full' || (replica === 'over' && sync === 'top');
  const written = { from: since, to: asked };
  const touched = sync === 'none' ? { touched: { from: sent, to: at, grainBytes } } : {};
  const content: Content = isWhole
    ? of
    : isGuests(graph, source)
      ? { is: 'partly', of, written, below, ...touched }
      : anything;
  return { ...promise(by, content, 'when the mirror was cancelled after READY'), flushed: true };
}

/** What a mirror that was READY leaves when it is ended by quit, by force, or with QEMU. */
function cut(
  { source, target, replica, sync, writeBlocking, grainBytes }: Mirror,
  graph: ImageGraph,
  { by, asked, ready, over, idle, faulty }: Extract<JobEnding, { how: 'cut' }> & { ready: number },
  at: number,
): Settled {
  const of = contentOf(graph, source, { from: asked, to: at });
  if (by === 'quit' && idle && (replica === 'full' || (replica === 'over' && sync === 'top'))) {
    return promise('ready-quit', of, 'when QEMU was told to quit');
  }
  if (!writeBlocking || faulty || !isGuests(graph, source) || (by === 'kill' && target.format !== 'raw'))
    return target.settled;
  const written = { from: ready, to: asked };
  // A request in flight when the mirror got READY may leave its grains dirty, and what is dirty is left to be copied in
  // the background (block/mirror.c, do_sync_target_write; seen on 11.1, once in nine runs).
  const unless = { from: over, to: ready, grainBytes };
  const content: Content = { is: 'partly', of, written, below: anything, unless };
  return { ...promise('write-blocking', content, 'when the mirror was cut short'), flushed: by === 'kill' };
}

/** What the guest writes goes there; else who writes it is not followed. */
const isGuests = (graph: ImageGraph, source: Image): boolean => disksOn(graph, source.file).length > 0;

const promise = (by: Settled['by'], content: Content, why: string): Settled => ({
  by,
  content,
  why,
  flushed: false,
});

function loseSource(graph: ImageGraph, source: Image): void {
  for (const disk of disksOn(graph, source.file)) loseDisk(graph, disk);
}

/** blockdev-mirror names a node, drive-mirror a file, which it makes unless it is `existing`. */
function targetOf(graph: ImageGraph, { name, args }: DoneCommand, source: Image): Image | undefined {
  if (jobOf(name)?.target === 'node') return imageNamed(graph, args.target);
  const file = fileNamed(graph, args.target);
  if (file === undefined) return undefined;
  const existing = args.mode === 'existing';
  const header = args.sync === 'top' ? source.header : args.sync === 'none' ? source.file : undefined;
  const image = existing
    ? graph.images.get(file)
    : createFile(graph, { file, format: args.format ?? source.format, sizeBytes: source.sizeBytes, header });
  const node = args['node-name'];
  if (image && typeof node === 'string') graph.nodes.set(node, { file, whole: true });
  return image;
}

/** The node that the target's image is reached by. */
function targetNode(graph: ImageGraph, { name, args }: DoneCommand, { file }: Image): string {
  const named = jobOf(name)?.target === 'node' ? args.target : args['node-name'];
  return typeof named === 'string' ? nodeCalled(graph, named) : nodeOn(graph, file);
}

/** `replaces`: another node than the source is to give way. */
function replacesAnother(graph: ImageGraph, { args }: DoneCommand, source: Image): boolean {
  const { replaces } = args;
  if (replaces === undefined) return false;
  return imageNamed(graph, replaces) !== source || !isPassed(graph, source.file, replaces);
}

function replicaOf({ args }: DoneCommand, source: Image, target: Image): Replica {
  if (args.sync === 'full') return args['target-is-zero'] === true && !target.empty ? 'part' : 'full';
  const shared = args.sync === 'top' ? source.header : source.file;
  const apart = source.apart ?? target.apart;
  // Below a view of an overlay 5.2 takes the overlay for the topmost image, 7.2 and later the view: no word decides.
  const isUnclear = args.sync === 'top' && source.viewOf !== undefined;
  const isOver = args.sync === 'top' || args.sync === 'none';
  const over = isOver && !isUnclear && target.empty && !apart && target.header === shared;
  return over && target.header !== 'unknown' ? 'over' : 'part';
}
