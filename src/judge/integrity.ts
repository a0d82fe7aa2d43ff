import type { Evidence } from './evidence.ts';
import { backup } from './integrity/backup.ts';
import { flushed } from './integrity/flushed.ts';
import { guestDisk } from './integrity/guest-disk.ts';
import { guestRead } from './integrity/guest-read.ts';
import { imageCheck } from './integrity/image-check.ts';
import { imageSize } from './integrity/image-size.ts';
import { imageStoryOf } from './integrity/image-story.ts';
import { mirrorCopy } from './integrity/mirror-copy.ts';
import { mirrorNone } from './integrity/mirror-none.ts';
import { mirrorTop } from './integrity/mirror-top.ts';
import { readable } from './integrity/readable.ts';
import { readyQuit } from './integrity/ready-quit.ts';
import { streamCommit } from './integrity/stream-commit.ts';
import { untouched } from './integrity/untouched.ts';
import { writeBlocking } from './integrity/write-blocking.ts';
import type { RuleFamily } from './rule.ts';

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
];

/** What disks and images hold: what the guest found there, and what lay there when all was over. */
export const integrity: RuleFamily = {
  rules: rules.map(({ rule }) => rule),
  judge(evidence) {
    if (!isLookedAt(evidence)) return [];
    const story = imageStoryOf(evidence);
    return rules.flatMap((each) => each.judge(evidence, story));
  },
};

const isLookedAt = ({ trace }: Evidence): boolean =>
  trace.some(
    (seen) =>
      seen.kind === 'content' ||
      seen.kind === 'image' ||
      (seen.kind === 'guest-end' && seen.runs !== undefined),
  );
