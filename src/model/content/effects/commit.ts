import type { Json } from '../../../sequence/step.ts';
import { anything } from '../content.ts';
import { fileNamed, headerOf } from '../files.ts';
import type { DoneCommand } from '../follow.ts';
import {
  beginWriting,
  endWriting,
  forget,
  loseAll,
  loseDisk,
  replaceNode,
  rewriteHeader,
} from '../image-changes.ts';
import type { Image, ImageGraph, Job, JobEnding } from '../image-graph.ts';
import { chainOf, contentOf, disksOn, imageNamed, isPassed, nodeCalled, nodeOn } from '../image-lookups.ts';

/** `block-commit`: what lies above the base comes into the base; of the active layer as a mirror does it. */
export function startCommit(graph: ImageGraph, command: DoneCommand, key: string): Job | undefined {
  const { args, sent, done } = command;
  const device = imageNamed(graph, args.device);
  const named = (node: string, file: string): Image | undefined =>
    args[node] === undefined ? byFile(graph, args[file]) : imageNamed(graph, args[node]);
  const top = args['top-node'] === undefined && args.top === undefined ? device : named('top-node', 'top');
  const chain = top ? chainOf(graph, top.file, 'backing') : [];
  const bottom = chain.at(-1);
  const isDefault = args['base-node'] === undefined && args.base === undefined;
  const base = isDefault ? graph.images.get(bottom ?? '') : named('base-node', 'base');
  const isWhole = device && isPassed(graph, device.file, args.device);
  if (!device || !top || !base || base === top || !isWhole || !chain.includes(base.file)) {
    loseAll(graph);
    return undefined;
  }
  // What is read through the top stays as it is, whatever of it has come down already.
  const isAbove = (file: string): boolean =>
    chainOf(graph, file, 'backing').includes(top.file) && chainOf(graph, file, 'header').includes(top.file);
  beginWriting(graph, base, key, isAbove);
  // A base that is smaller than the top grows.
  if (base.sizeBytes !== top.sizeBytes) base.sizeBytes = undefined;
  const node =
    typeof args['base-node'] === 'string' ? nodeCalled(graph, args['base-node']) : nodeOn(graph, base.file);
  const commit: Commit = {
    nodes: { device: args.device, base: node },
    device,
    top,
    base,
    header: headerOf(graph, base, args['backing-file']) ?? base.file,
    named: args['backing-file'],
  };
  const images = { reads: top.file, writes: base.file };
  return { key, sent, done, ...images, end: (...each) => end(commit, ...each) };
}

type Commit = {
  nodes: { device: Json | undefined; base: string };
  device: Image;
  top: Image;
  base: Image;
  header: string;
  /** What the overlays' headers are to say. */
  named: Json | undefined;
};

function end(commit: Commit, graph: ImageGraph, job: Job, ending: JobEnding, at: number): void {
  const { nodes, top, base } = commit;
  const alone = endWriting(base, job.key) !== undefined;
  const settle = (image: Image, from: number, why: string): void => {
    const content = contentOf(graph, top, { from, to: at });
    image.settled = { by: 'commit', content: alone ? content : anything, why, flushed: false };
  };
  switch (ending.how) {
    case 'unclear':
      forgetNames(graph, top);
      for (const disk of disksOn(graph, top.file)) loseDisk(graph, disk);
      break;
    case 'cancelled softly':
      settle(base, ending.asked, 'when the commit was cancelled after READY');
      break;
    case 'completed':
      settle(base, ending.asked, 'when the commit was completed');
      settle(top, ending.asked, 'until the commit was completed');
      if (!alone) forget(graph, top.file);
      replaceNode(graph, { node: nodes.device, from: top }, { by: nodes.base, to: base }, at);
      break;
    case 'finished':
      settle(base, job.done, 'when the commit ended');
      dropFrom(graph, commit, at);
      break;
    case 'cut':
    case 'failed':
      forgetNames(graph, top);
      break;
  }
}

/** Which of the overlays' headers were written before it failed nobody knows. */
function forgetNames(graph: ImageGraph, top: Image): void {
  for (const above of graph.images.values())
    if (above.backing === top.file) {
      above.named = undefined;
      above.placed = undefined;
    }
}

/** The overlays of the top stand on the base now, and their headers say so. */
function dropFrom(graph: ImageGraph, { device, top, base, header, named }: Commit, at: number): void {
  const open = chainOf(graph, device.file, 'backing');
  for (const above of graph.images.values()) {
    if (above.backing !== top.file) continue;
    const isOpen = open.includes(above.file);
    const isGiven = typeof named === 'string' && named !== '' && isOpen;
    rewriteHeader(above, base.file, above.header === top.file ? header : above.header, {
      named: isGiven ? named : undefined,
      placed: isOpen ? base : undefined,
    });
    for (const disk of disksOn(graph, above.file)) disk.changedAt = at;
  }
}

function byFile(graph: ImageGraph, path: DoneCommand['args'][string] | undefined): Image | undefined {
  return graph.images.get(fileNamed(graph, path) ?? '');
}
