import { fileNamed, headerOf } from '../files.ts';
import type { DoneCommand } from '../follow.ts';
import { loseAll, rewriteHeader } from '../image-changes.ts';
import type { Image, ImageGraph, Job } from '../image-graph.ts';
import { chainOf, disksOn, imageNamed } from '../image-lookups.ts';

/** `block-stream`: nobody sees a change of content; at its end the image stands on the base alone. */
export function startStream(
  graph: ImageGraph,
  { args, sent, done }: DoneCommand,
  key: string,
): Job | undefined {
  const device = imageNamed(graph, args.device);
  const base = device && baseOf(graph, args);
  if (!device || base === 'not ours') {
    loseAll(graph);
    return undefined;
  }
  device.empty = false;
  const given = args['backing-file'];
  const header = headerOf(graph, base, given);
  return {
    key,
    sent,
    done,
    writes: device.file,
    end(graph, _, ending, at) {
      device.named = undefined;
      device.placed = undefined;
      if (ending.how === 'failed' || ending.how === 'cut') return;
      const isDone = ending.how !== 'unclear';
      // Nothing is written into an image without a backing file.
      const named = isDone && base && typeof given === 'string' && given !== '' ? given : undefined;
      // What stood there when the job began may have been replaced meanwhile.
      const isThere = base !== undefined && chainOf(graph, device.file, 'backing').includes(base.file);
      const placed = isDone && isThere ? base : undefined;
      rewriteHeader(device, base?.file, isDone ? header : 'unknown', { named, placed });
      for (const disk of disksOn(graph, device.file)) disk.changedAt = at;
    },
  };
}

/** Of `base`, `base-node` and `bottom` the one that is given; none: everything is streamed. */
function baseOf(graph: ImageGraph, args: DoneCommand['args']): Image | undefined | 'not ours' {
  if (args.base !== undefined) return graph.images.get(fileNamed(graph, args.base) ?? '') ?? 'not ours';
  if (args['base-node'] !== undefined) return imageNamed(graph, args['base-node']) ?? 'not ours';
  if (args.bottom === undefined) return undefined;
  const bottom = imageNamed(graph, args.bottom);
  if (!bottom) return 'not ours';
  return bottom.backing === undefined ? undefined : (graph.images.get(bottom.backing) ?? 'not ours');
}
