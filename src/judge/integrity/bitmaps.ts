import { type BitmapLife, type DirtyBytes, dirtyWithin } from '../../model/content/bitmap-content.ts';
import { type ByteRange, bytesIn, firstOutside, roundedOut } from '../../model/content/byte-ranges.ts';
import { nowhere } from '../../trace/place.ts';
import type { ShownFact } from '../facts/shown.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { Rule, Violation } from '../rule.ts';
import { grainsSeen, type Look, looksOf, showsBitmaps } from './bitmap-looks.ts';
import { bitmapStoryOf } from './bitmap-story.ts';
import type { ImageStory } from './image-story.ts';
import type { IntegrityRule } from './integrity-rule.ts';
import { lookAtStored, storedIn } from './stored-bitmaps.ts';

const covers: Rule = {
  name: 'integrity/bitmap-covers',
  kind: 'integrity',
  statement:
    'A dirty bitmap counts as dirty every byte that an acknowledged write of a guest has changed on its node while it recorded, since it was added, cleared, or given to a backup that has ended well; and, after a merge, what its sources had.',
  source:
    'qapi/block-core.json (QEMU 10.0), block-dirty-bitmap-add: "Create a dirty bitmap with a name on the node, and start tracking the writes."',
};
const exact: Rule = {
  name: 'integrity/bitmap-exact',
  kind: 'integrity',
  statement:
    'A dirty bitmap of a node that only guests write to counts as dirty no more than the grains that their requests have touched while it recorded, since it was added or cleared, and what was merged into it.',
  source:
    'qapi/block-core.json (QEMU 10.0), block-dirty-bitmap-clear: "Clear (reset) a dirty bitmap on the device, so that an incremental backup from this point in time forward will only backup clusters modified after this clear operation."',
};

const uncopied: Rule = {
  name: 'integrity/bitmap-uncopied',
  kind: 'integrity',
  statement:
    'The bitmap of a backup with bitmap-mode=always that has failed or was cancelled counts as dirty at least as many bytes as that has not copied, by its last figures.',
  source:
    'qapi/block-core.json (QEMU 10.0), BitmapSyncMode: "The bitmap is always synchronized with the operation, regardless of whether or not the operation was successful."; block/backup.c: "If we failed and synced, merge in the bits we didn\'t copy"',
};

/** Only a count: where a job has not copied, its events do not say. */
export const bitmapUncopied: IntegrityRule = {
  rule: uncopied,
  judge: (...told) =>
    looked(
      ...told,
      ({ bits, grainBytes, ...look }) => {
        if (bits.leastBytes === 0) return undefined;
        const countBytes = 'dirty' in look ? bytesIn(look.dirty) : look.countBytes;
        return countBytes < bits.leastBytes ? shownCount({ ...look, countBytes }, bits, grainBytes) : 'held';
      },
      uncopied,
    ),
};

export const bitmapCovers: IntegrityRule = {
  rule: covers,
  judge: (...told) =>
    looked(
      ...told,
      ({ bits, grainBytes, ...look }) => {
        const least = roundedOut(bits.least, grainBytes);
        const wrong = 'dirty' in look ? firstOutside(bits.least, look.dirty) : undefined;
        if (wrong) return shownBytes(look, 'clean', wrong);
        const isShort = 'countBytes' in look && look.countBytes < bytesIn(least);
        if (isShort) return shownCount(look, bits, grainBytes);
        return least.length > 0 ? 'held' : undefined;
      },
      covers,
    ),
};

export const bitmapExact: IntegrityRule = {
  rule: exact,
  judge: (...told) =>
    looked(
      ...told,
      ({ bits, grainBytes, ...look }) => {
        if (bits.most === 'any') return 'others write';
        const most = roundedOut(bits.most, grainBytes);
        const wrong = 'dirty' in look ? firstOutside(look.dirty, most) : undefined;
        if (wrong) return shownBytes(look, 'dirty', wrong);
        const isLong = 'countBytes' in look && look.countBytes > bytesIn(most);
        return isLong ? shownCount(look, bits, grainBytes) : 'held';
      },
      exact,
    ),
};

type Judged = (look: Look & { bits: DirtyBytes }) => ShownFact | 'held' | 'others write' | undefined;

function looked(
  evidence: Evidence,
  story: ImageStory,
  ledger: Ledger,
  judged: Judged,
  rule: Rule,
): Violation[] {
  return followedLooks(evidence, story).flatMap(({ look, bits }): Violation[] => {
    const verdict = bits ? judged({ ...look, bits }) : 'images unknown';
    if (verdict === 'held') ledger.held(rule);
    else if (typeof verdict === 'string') ledger.undecided(rule, verdict);
    else if (verdict) return [{ rule, at: look.at, ...look.step, facts: verdict }];
    return [];
  });
}

type FollowedLook = { look: Look; bits: DirtyBytes | undefined };

const followed = new WeakMap<Evidence, FollowedLook[]>();

/** Every look, and what the bitmap has to hold by then, where that is known: worked out once for both rules. */
function followedLooks(evidence: Evidence, story: ImageStory): FollowedLook[] {
  const known = followed.get(evidence) ?? followLooks(evidence, story);
  followed.set(evidence, known);
  return known;
}

function followLooks(evidence: Evidence, story: ImageStory): FollowedLook[] {
  if (!showsBitmaps(evidence)) return [];
  const looks = looksOf(evidence);
  const { lives, files, writers } = bitmapStoryOf(evidence, story);
  const stored = storedIn(evidence, story, { lives, files });
  const grains = grainsSeen(evidence);
  for (const { life, kept } of stored)
    if (kept) grains.set(`${life.node} ${life.name}`, kept.granularityBytes);
  const granularityOf = ({ node, name }: BitmapLife): number | undefined => grains.get(`${node} ${name}`);
  const inQemu = looks.map((look): FollowedLook => {
    const life = lives.findLast(
      ({ node, name, added }) => node === look.node && name === look.bitmap && added.to <= look.window.from,
    );
    return { look, bits: life && dirtyWithin(life, look.window, { ...writers, granularityOf }) };
  });
  const inFiles = stored.flatMap((each): FollowedLook[] => {
    const { life, closing } = each;
    const look = closing && lookAtStored(each);
    if (!look) return [];
    return [{ look, bits: dirtyWithin({ ...life, until: nowhere }, closing, { ...writers, granularityOf }) }];
  });
  return [...inQemu, ...inFiles];
}

const shownBytes = (
  { node, bitmap, query }: Omit<Look, 'grainBytes'>,
  is: 'clean' | 'dirty',
  { from, to }: ByteRange,
): ShownFact => ({
  shape: 'shown',
  query,
  what: 'bitmap bytes',
  node,
  bitmap,
  is,
  offsetBytes: from,
  lengthBytes: to - from,
});

const shownCount = (
  { node, bitmap, query, countBytes }: Omit<Look, 'grainBytes'> & { countBytes: number },
  { least, most, leastBytes }: DirtyBytes,
  grainBytes: number,
): ShownFact => ({
  shape: 'shown',
  query,
  what: 'bitmap count',
  node,
  bitmap,
  countBytes,
  leastBytes: Math.max(leastBytes, bytesIn(roundedOut(least, grainBytes))),
  mostBytes: most === 'any' ? null : bytesIn(roundedOut(most, grainBytes)),
});
