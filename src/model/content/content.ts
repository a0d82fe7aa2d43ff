import type { DirtyBytes } from './bitmap-content.ts';
import { type ByteRange, joined, roundedOut } from './byte-ranges.ts';
import { combine, type Expectation, type Stretch, sizeOf, union } from './expectation.ts';
import { type Blot, type GuestHistory, possibleWithin, surelyWritten, type Window } from './guest-history.ts';
import type { FreshImage } from './images.ts';

/** What an image holds, as an expression; it is worked out only for images that were looked at. */
export type Content =
  /** What the file held before anything was done. */
  | { is: 'fresh'; file: string }
  /** What the guest's disk may have held within the window. */
  | { is: 'disk'; disk: string; window: Window & { durableTo?: number } }
  /** `of` where the guest's disk was surely written within `written` (but for `unless`); elsewhere either that or `below`. */
  | {
      is: 'partly';
      of: Content;
      written: Window | undefined;
      below: Content;
      unless?: Blot;
      /** The job that copied what a bitmap named: `of` where that surely was dirty, `below` where it surely was not. */
      namedFor?: string;
      /** Nothing was copied but what the guest touched meanwhile, by grains: elsewhere `below`. */
      touched?: Blot;
      /** That job has not come to its end: wherever it was to copy, it may have, or not. */
      cut?: true;
    }
  | { is: 'anything' };

export const anything: Content = { is: 'anything' };

/** Where a disk's history begins: what it held at first, and all that its guest asked to change. */
export type DiskStory = { first: string; history: GuestHistory };

export type ContentSources = {
  fresh: ReadonlyMap<string, FreshImage>;
  disks: ReadonlyMap<string, DiskStory>;
  /** What the bitmap of a job named when that began, in whole clusters of its copy; undefined where that is not known. */
  named?: (job: string) => DirtyBytes | undefined;
  /** The largest cluster of all images: a copy writes whole ones. */
  clusterBytes?: number;
};

/** undefined where nothing at all is known. */
export function workOut(content: Content, sources: ContentSources): Expectation | undefined {
  switch (content.is) {
    case 'anything':
      return undefined;
    case 'fresh':
      return sources.fresh.get(content.file)?.initial;
    case 'disk': {
      const story = sources.disks.get(content.disk);
      const initial = story && sources.fresh.get(story.first)?.initial;
      return initial && possibleWithin(story.history, initial, content.window);
    }
    case 'partly': {
      const whole = workOut(content.of, sources);
      if (!whole) return undefined;
      const below = workOut(content.below, sources) ?? [];
      const named = content.namedFor === undefined ? undefined : sources.named?.(content.namedFor);
      const surely = content.cut ? [] : (named?.least ?? []);
      const copied = joined([...writtenIn(content, sources, whole), ...surely]);
      const held = eitherOutside(copied, whole, below);
      const most = named ? named.most : touchedIn(content, sources);
      const left = most === 'any' ? held : onlyBelow(most, held, below);
      return combine(whole, left, (_, b) => b);
    }
  }
}

function writtenIn(
  { of, written, unless }: Extract<Content, { is: 'partly' }>,
  { disks }: ContentSources,
  whole: Expectation,
): { from: number; to: number }[] {
  const story = of.is === 'disk' ? disks.get(of.disk) : undefined;
  return story && written ? surelyWritten(story.history, sizeOf(whole), written, unless) : [];
}

/** All that the guest's requests of that time may have made a job copy. */
function touchedIn(
  { of, touched }: Extract<Content, { is: 'partly' }>,
  { disks, clusterBytes }: ContentSources,
): readonly ByteRange[] | 'any' {
  const story = of.is === 'disk' ? disks.get(of.disk) : undefined;
  if (!story || !touched || clusterBytes === undefined) return 'any';
  const near = story.history.changes.filter(({ begin, end }) => end >= touched.from && begin <= touched.to);
  const ranges = near.map(({ offsetBytes, lengthBytes }) => ({
    from: offsetBytes,
    to: offsetBytes + lengthBytes,
  }));
  return roundedOut(ranges, Math.max(touched.grainBytes, clusterBytes));
}

/** `whole` inside of the stretches, and both outside of them. */
function eitherOutside(
  inside: readonly { from: number; to: number }[],
  whole: Expectation,
  below: Expectation,
): Expectation {
  const mask: Stretch[] = [];
  let at = 0;
  for (const { from, to } of [...inside, { from: sizeOf(whole), to: sizeOf(whole) }]) {
    if (at < from) mask.push({ from: at, to: from, origins: 'any' });
    if (from < to) mask.push({ from, to, origins: none });
    at = to;
  }
  // Outside, `any` lets what lies below through; inside it is covered.
  const shining = combine(mask, below, (masked, under) => (masked === 'any' ? under : none));
  return combine(whole, shining, union);
}

/** What lies below wherever nothing was to be copied. */
function onlyBelow(copied: readonly ByteRange[], held: Expectation, below: Expectation): Expectation {
  const lengthBytes = sizeOf(held);
  const mask: Stretch[] = [];
  let at = 0;
  for (const { from, to } of [...copied, { from: lengthBytes, to: lengthBytes }]) {
    if (at < from) mask.push({ from: at, to: Math.min(from, lengthBytes), origins: 'any' });
    if (from < to) mask.push({ from, to: Math.min(to, lengthBytes), origins: none });
    at = to;
  }
  const shining = combine(mask, below, (masked, under) => (masked === 'any' ? under : none));
  return combine(held, shining, (is, under) => (under === none ? is : under));
}

const none = new Set<never>();
