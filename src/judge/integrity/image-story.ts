import type { ContentSources, DiskStory } from '../../model/content/content.ts';
import { follow } from '../../model/content/follow.ts';
import { loseAll } from '../../model/content/image-changes.ts';
import type { ImageGraph } from '../../model/content/image-graph.ts';
import { type FreshImage, freshImages } from '../../model/content/images.ts';
import { openingGraph } from '../../model/content/opening.ts';
import type { Observation } from '../../trace/observation.ts';
import type { Place } from '../../trace/place.ts';
import type { Evidence } from '../reading/evidence.ts';
import { type GuestRequests, guestRequestsOf } from './guest-changes.ts';
import { happeningsOf } from './happenings.ts';
import { imagesLeft } from './images-left.ts';
import { type QemuEnd, qemuEndOf } from './qemu-end.ts';

/** A trace as the integrity rules read it: which image held what, and what was found in the end. */
export type ImageStory = {
  graph: ImageGraph;
  sources: ContentSources;
  guest: GuestRequests;
  qemu: QemuEnd;
  /** Images that were read when all was over, by the file's name. */
  found: readonly FoundImage[];
};

export type FoundImage = { at: Place; file: string; seen: Extract<Observation, { kind: 'content' }> };

const stories = new WeakMap<Evidence, ImageStory>();

/** Built once for each trace, however many rules read it. */
export function imageStoryOf(evidence: Evidence): ImageStory {
  const known = stories.get(evidence);
  if (known) return known;
  const guest = guestRequestsOf(evidence.trace);
  const qemu = qemuEndOf(evidence);
  const { graph, fresh } = openedImages(evidence);
  const layered = isLayered(evidence, fresh);
  const disks = new Map(
    [...graph.disks.values()].map(({ name, top }): [string, DiskStory] => [
      name,
      { first: top, history: { changes: guest.get(name)?.changes ?? [], layered } },
    ]),
  );
  follow(graph, happeningsOf(evidence, guest, qemu));
  const story = { graph, sources: { fresh, disks }, guest, qemu, found: foundImages(evidence, fresh) };
  stories.set(evidence, story);
  return story;
}

/** The images and nodes as they were before the first step. */
export function openedImages(evidence: Evidence): {
  graph: ImageGraph;
  fresh: Map<string, FreshImage>;
} {
  const { opened, former } = evidence;
  const left = former && imagesLeft(former, imageStoryOf(former));
  const fresh = left ?? freshImages(opened.sequence);
  const graph = openingGraph(opened.sequence, fresh, urlsOf(evidence));
  if (former && !left) loseAll(graph);
  return { graph, fresh };
}

/** A server outlives the QEMU that it was started for. */
const urlsOf = ({ trace, former }: Evidence): Map<string, string> =>
  new Map([
    ...(former ? urlsOf(former) : []),
    ...trace.flatMap((seen): [string, string][] => (seen.kind === 'served' ? [[seen.disk, seen.url]] : [])),
  ]);

/** Whether some image lies, or may come to lie, over another: then a discard may bring to light what lies below. */
function isLayered({ exchanges }: Evidence, fresh: ReadonlyMap<string, FreshImage>): boolean {
  if ([...fresh.values()].some(({ header }) => header !== undefined)) return true;
  return exchanges.some(({ name, args }) => {
    if (name === 'transaction') return JSON.stringify(args).includes('snapshot');
    return name.includes('snapshot') || (args.sync !== undefined && args.sync !== 'full');
  });
}

/** The file of an image that a claim names by its disk, or by its file. */
export const imageFileOf = (fresh: ReadonlyMap<string, FreshImage>, image: string): string =>
  [...fresh.keys()].find((file) => file.replace(/\.\w+$/, '') === image) ?? image;

function foundImages(evidence: Evidence, fresh: ReadonlyMap<string, FreshImage>): FoundImage[] {
  return evidence.trace.flatMap((seen, at) =>
    seen.kind === 'content' && !mayBeHalfMade(evidence, seen.image)
      ? [{ at, file: imageFileOf(fresh, seen.image), seen }]
      : [],
  );
}

/** The command that was to make the file was not answered: QEMU may have ended while it wrote the first clusters. */
const mayBeHalfMade = ({ exchanges, former }: Evidence, image: string): boolean =>
  (former !== undefined && mayBeHalfMade(former, image)) ||
  exchanges.some(
    ({ reply, args }) =>
      reply === undefined &&
      [args.target, args['snapshot-file']].some((file) => `${file}`.endsWith(`/${image}`)),
  );
