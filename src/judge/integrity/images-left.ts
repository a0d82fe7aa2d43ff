import { workOut } from '../../model/content/content.ts';
import { type Expectation, uniform } from '../../model/content/expectation.ts';
import type { Image } from '../../model/content/image-graph.ts';
import type { FreshImage } from '../../model/content/images.ts';
import { promiseOn } from '../../model/content/settled.ts';
import type { Evidence } from '../reading/evidence.ts';
import { durableContent } from './durable.ts';
import type { ImageStory } from './image-story.ts';
import { isKept } from './promised.ts';
import { mayLoseUnflushed } from './write-faults.ts';

/**
 * The images as a QEMU that has ended left them, which is how the next one on them finds them. undefined where headers
 * or sizes may be others than the arena says: the next one has opened them by the arena.
 */
export function imagesLeft(evidence: Evidence, story: ImageStory): Map<string, FreshImage> | undefined {
  const { graph, qemu, sources } = story;
  if (graph.lostAt !== Number.POSITIVE_INFINITY) return undefined;
  const left = new Map<string, FreshImage>();
  for (const image of graph.images.values()) {
    if (image.viewOf !== undefined) continue;
    const before = sources.fresh.get(image.file);
    // One that QEMU was making when it was killed may be half made.
    if (!before && !qemu.clean) continue;
    const { header, sizeBytes } = image;
    if (header === 'unknown' || sizeBytes === undefined || image.apart) return undefined;
    if (before && (header !== before.header || sizeBytes !== before.sizeBytes)) return undefined;
    left.set(image.file, { ...leftAs(evidence, story, image, sizeBytes), header, sizeBytes });
  }
  return left;
}

function leftAs(
  evidence: Evidence,
  story: ImageStory,
  { file, format }: Image,
  sizeBytes: number,
): Omit<FreshImage, 'header' | 'sizeBytes'> {
  const { content } = promiseOn(story.graph, file, story.qemu.at) ?? {};
  const isUntouched = content?.is === 'fresh' && content.file === file;
  const empty = isUntouched && story.sources.fresh.get(file)?.empty === true;
  return { file, format, initial: heldIn(evidence, story, file) ?? uniform(sizeBytes, 'any'), empty };
}

/** What the rules would hold the image to if it were read there; undefined where that is nothing. */
function heldIn(evidence: Evidence, story: ImageStory, file: string): Expectation | undefined {
  const { graph, qemu, sources } = story;
  const promise = promiseOn(graph, file, qemu.at);
  if (!promise) return undefined;
  const { disk, content } = promise;
  if (!disk) return isKept(evidence, story, { file }, promise) ? workOut(content, sources) : undefined;
  if (qemu.clean && !mayLoseUnflushed(evidence, story, file)) return workOut(content, sources);
  const durable = content.is === 'disk' ? durableContent(story, disk) : undefined;
  return durable && workOut(durable, sources);
}
