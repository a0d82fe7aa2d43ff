import type { BitmapLife } from '../../model/content/bitmap-content.ts';
import type { Window } from '../../model/content/guest-history.ts';
import type { Observation } from '../../trace/observation.ts';
import { asPlace, nowhere, type Place } from '../../trace/place.ts';
import type { ShownFact } from '../facts/shown.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { Rule } from '../rule.ts';
import type { WhyUndecided } from '../why-undecided.ts';
import type { Look } from './bitmap-looks.ts';
import { type BitmapStory, bitmapStoryOf } from './bitmap-story.ts';
import { type ImageStory, imageFileOf } from './image-story.ts';
import type { IntegrityRule } from './integrity-rule.ts';
import { type Moved, migratedBitmaps } from './migrated-bitmaps.ts';
import { filesMaybeUnwritten } from './write-faults.ts';

const rule: Rule = {
  name: 'integrity/bitmap-stored',
  kind: 'integrity',
  statement:
    'A persistent dirty bitmap is in the qcow2 file, and consistent, once QEMU has closed the image in order; after a migration that takes bitmaps along, as its mapping says; one that was removed is not there.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockDirtyBitmapAdd: "the bitmap is persistent, i.e. it will be saved to the corresponding block device image file on its close."',
};

export const bitmapStored: IntegrityRule = {
  rule,
  judge: (evidence, story, ledger) => {
    if (!evidence.trace.some(({ kind }) => kind === 'stored-bitmaps')) return [];
    return storedIn(evidence, story, bitmapStoryOf(evidence, story)).flatMap((each) => {
      const facts = 'why' in each ? undefined : wrongly(evidence, each);
      if (each.why !== undefined) ledger.undecided(rule, each.why);
      else if (!facts) ledger.held(rule);
      return facts ? [{ rule, at: each.at, facts }] : [];
    });
  },
};

type Kept = Extract<Observation, { kind: 'stored-bitmaps' }>['bitmaps'][number];

/** What an image's file has of a bitmap in the end. `closing`: when QEMU wrote it there; `why`: what the file must have is not known. */
export type Stored = {
  at: Place;
  life: BitmapLife;
  name: string;
  image: string;
  kept: Kept | undefined;
  moved: Moved['how'];
} & ({ closing: Window; why?: undefined } | { why: WhyUndecided; closing?: undefined });

/** Of each file and name the last bitmap alone, where it was persistent in the end. */
export function storedIn(
  evidence: Evidence,
  { qemu, sources }: ImageStory,
  { lives, files }: Pick<BitmapStory, 'lives' | 'files'>,
): Stored[] {
  return evidence.trace.flatMap((seen, at): Stored[] => {
    if (seen.kind !== 'stored-bitmaps') return [];
    const file = imageFileOf(sources.fresh, seen.image);
    const there = lives.filter(({ node }) => files.get(node) === file);
    const last = new Map(there.map((life) => [life.name, life]));
    return [...last.values()].flatMap((life): Stored[] => {
      const moved = migratedBitmaps(evidence, life);
      if (!moved.persistent) return [];
      const kept = seen.bitmaps.find(({ bitmap }) => bitmap === moved.name);
      const closing = moved.why ?? closingOf(life, evidence, qemu);
      const what = { at: asPlace(at), life, name: moved.name, image: seen.image, kept, moved: moved.how };
      return [typeof closing === 'string' ? { ...what, why: closing } : { ...what, closing }];
    });
  });
}

function closingOf(life: BitmapLife, evidence: Evidence, qemu: ImageStory['qemu']): Window | WhyUndecided {
  if (!qemu.clean) return 'not written out';
  const { exchanges } = evidence;
  const { ended } = life;
  if (ended) {
    const isOpenedAgain = exchanges.some(({ name, sent }) => name === 'blockdev-add' && sent > ended.when.to);
    if (isOpenedAgain) return 'touched';
  } else if (life.until !== nowhere || qemu.quitAt === undefined) return 'images unknown';
  const closing = ended?.when ?? { from: qemu.quitAt ?? qemu.at, to: qemu.at };
  return mayFailToStore(evidence, closing) ? 'write errors' : closing;
}

/** What can't be written is not stored, and QEMU says so on stderr alone. Reads that failed do no harm once they work again. */
function mayFailToStore(evidence: Evidence, closing: Window): boolean {
  if (filesMaybeUnwritten(evidence).size > 0) return true;
  const { trace } = evidence;
  const isLifted = (since: number): boolean =>
    trace
      .slice(since + 1, closing.from)
      .some(
        (seen) =>
          (seen.kind === 'phase' && seen.phase === 'settle') ||
          (seen.kind === 'fault' && seen.fault.fault === 'lift' && seen.outcome === 'armed'),
      );
  return trace.some((seen, at) => {
    if (seen.kind !== 'fault') return false;
    if (seen.fault.fault === 'inject') return !isLifted(at);
    return !harmless.has(seen.fault.fault);
  });
}

const harmless: ReadonlySet<string> = new Set(['lift', 'throttle', 'unthrottle', 'sigstop', 'sigcont']);

function wrongly(
  { trace }: Evidence,
  { life, name: bitmap, image, kept, moved }: Stored,
): ShownFact | undefined {
  const isEmpty = trace.some(
    (seen) => seen.kind === 'content' && seen.image === image && seen.sizeBytes === 0,
  );
  const is = wrongHow(life, kept);
  return (
    is && {
      shape: 'shown',
      query: 'image file',
      what: 'stored bitmap',
      ...{ bitmap, node: life.node, is, stored: isEmpty ? 'empty' : moved },
    }
  );
}

function wrongHow({ ended }: BitmapLife, kept: Kept | undefined): 'left' | 'lost' | 'in use' | undefined {
  if (ended?.how === 'removed') return kept && 'left';
  if (!kept) return 'lost';
  return kept.inUse ? 'in use' : undefined;
}

/** One that nobody has stored in order may say anything, and one that was removed is not looked at. */
export function lookAtStored({ at, life, name, kept, closing }: Stored): Look | undefined {
  if (!kept || kept.inUse || !closing || life.ended?.how === 'removed') return undefined;
  return {
    at,
    step: {},
    node: life.node,
    bitmap: name,
    grainBytes: kept.granularityBytes,
    dirty: kept.dirty.map(([from, length]) => ({ from, to: from + length })),
    window: closing,
    query: 'image file',
  };
}
