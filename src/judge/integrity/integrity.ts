import type { Evidence } from '../reading/evidence.ts';
import type { RuleFamily } from '../rule.ts';
import { backup } from './backup.ts';
import { flushed } from './flushed.ts';
import { guestDisk } from './guest-disk.ts';
import { guestRead } from './guest-read.ts';
import { imageCheck } from './image-check.ts';
import { imageSize } from './image-size.ts';
import { imageStoryOf } from './image-story.ts';
import { mirrorCopy } from './mirror-copy.ts';
import { mirrorNone } from './mirror-none.ts';
import { mirrorTop } from './mirror-top.ts';
import { readable } from './readable.ts';
import { readyQuit } from './ready-quit.ts';
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
