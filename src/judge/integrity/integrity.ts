import type { Promised } from '../../model/content/image-graph.ts';
import { promiseOn } from '../../model/content/settled.ts';
import { asPlace } from '../../trace/place.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { RuleFamily } from '../rule.ts';
import type { Cause, WhyUndecided } from '../why-undecided.ts';
import { backingFormat } from './backing-format.ts';
import { backingName } from './backing-name.ts';
import { backup } from './backup.ts';
import { showsBitmaps } from './bitmap-looks.ts';
import { bitmapCovers, bitmapExact, bitmapUncopied } from './bitmaps.ts';
import { commitZeroes } from './commit-zeroes.ts';
import { compressed } from './compressed.ts';
import { discarded } from './discarded.ts';
import { flushed } from './flushed.ts';
import { guestDisk } from './guest-disk.ts';
import { guestRead } from './guest-read.ts';
import { imageCheck } from './image-check.ts';
import { imageSize } from './image-size.ts';
import { type ImageStory, imageFileOf, imageStoryOf } from './image-story.ts';
import type { IntegrityRule } from './integrity-rule.ts';
import { mirrorCopy } from './mirror-copy.ts';
import { mirrorNone } from './mirror-none.ts';
import { mirrorTop } from './mirror-top.ts';
import { readable } from './readable.ts';
import { readyQuit } from './ready-quit.ts';
import { snapshotAccess } from './snapshot-access.ts';
import { snapshotKept } from './snapshot-kept.ts';
import { sparseCopy } from './sparse-copy.ts';
import { bitmapStored } from './stored-bitmaps.ts';
import { streamCommit } from './stream-commit.ts';
import { untouched } from './untouched.ts';
import { writeBlocking } from './write-blocking.ts';

const rules = [
  guestDisk,
  guestRead,
  flushed,
  mirrorCopy,
  mirrorTop,
  mirrorNone,
  readyQuit,
  writeBlocking,
  backup,
  streamCommit,
  untouched,
  readable,
  imageCheck,
  imageSize,
  backingName,
  backingFormat,
  compressed,
  discarded,
  sparseCopy,
  commitZeroes,
  bitmapCovers,
  bitmapExact,
  bitmapUncopied,
  bitmapStored,
  snapshotAccess,
  snapshotKept,
];

/** What disks and images hold: what the guest found there, and what lay there when all was over. */
export const integrity: RuleFamily = {
  rules: rules.map(({ rule }) => rule),
  judge(evidence, ledger) {
    if (!isLookedAt(evidence)) return [];
    const story = imageStoryOf(evidence);
    notRead(evidence, story, ledger);
    return rules.flatMap((each) => each.judge(evidence, story, ledger));
  },
};

/**
 * Images that were to be read, and could not be: the rule that their last promise is a matter of is undecided. Where it
 * is not known any more what became of images, that is so of the guest's disk at least.
 */
function notRead(evidence: Evidence, story: ImageStory, ledger: Ledger): void {
  const claims = evidence.opened.sequence.after ?? [];
  const { lostAt } = story.graph;
  const lost: WhyUndecided | Cause =
    lostAt === Number.POSITIVE_INFINITY
      ? 'content unknown'
      : { why: 'images unknown', from: asPlace(lostAt) };
  for (const { file } of story.found)
    if (!promiseOn(story.graph, file, story.qemu.at)) ledger.undecided(guestDisk.rule, lost);
  for (const seen of evidence.trace) {
    const claim = seen.kind === 'image' ? claims[seen.claim] : undefined;
    if (seen.kind !== 'image' || !claim || !('content' in claim) || seen.outcome === 'absent') continue;
    const image = typeof claim.content === 'string' ? claim.content : claim.content.file;
    const promise = promiseOn(story.graph, imageFileOf(story.sources.fresh, image), story.qemu.at);
    if (promise) ledger.undecided(promise.disk ? guestDisk.rule : ruleOf[promise.by].rule, 'image not read');
  }
}

const ruleOf: Readonly<Record<Promised, IntegrityRule>> = {
  'guest-disk': guestDisk,
  'mirror-copy': mirrorCopy,
  'mirror-top': mirrorTop,
  'mirror-none': mirrorNone,
  'ready-quit': readyQuit,
  'write-blocking': writeBlocking,
  backup,
  commit: streamCommit,
  untouched,
};

const isLookedAt = (evidence: Evidence): boolean =>
  showsBitmaps(evidence) ||
  evidence.trace.some(
    (seen) =>
      seen.kind === 'content' ||
      seen.kind === 'image' ||
      seen.kind === 'space' ||
      seen.kind === 'past' ||
      (seen.kind === 'guest-end' && seen.runs !== undefined),
  );
