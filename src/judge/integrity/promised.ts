import { type Content, type ContentSources, workOut } from '../../model/content/content.ts';
import type { Promised } from '../../model/content/image-graph.ts';
import { type Promise as Due, promiseOn } from '../../model/content/settled.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { Rule, Violation } from '../rule.ts';
import type { FoundImage, ImageStory } from './image-story.ts';
import { compare } from './integrity-rule.ts';
import { mayLoseUnflushed } from './write-faults.ts';

/** Rules on images whose last word is a promise of this kind. */
export function brokenPromises(
  evidence: Evidence,
  story: ImageStory,
  { rule, by, sources = story.sources }: { rule: Rule; by: Promised; sources?: ContentSources },
  ledger: Ledger,
): Violation[] {
  return promisesOf(evidence, story).flatMap(({ found, promise, isKept }) => {
    if (promise.by !== by) return [];
    if (!isKept) {
      ledger.undecided(rule, 'not written out');
      return [];
    }
    const expectation = workOut(promise.content, sources);
    const { why } = promise;
    const untouched = by === 'untouched';
    return compare(evidence, story, { rule, found, expectation, why, untouched }, ledger);
  });
}

type PromiseOn = { found: FoundImage; promise: Due; isKept: boolean };

const known = new WeakMap<ImageStory, PromiseOn[]>();

/** What each image that was read in the end had to hold, and whether QEMU came to write it out; once for each trace. */
function promisesOf(evidence: Evidence, story: ImageStory): PromiseOn[] {
  const before = known.get(story);
  if (before) return before;
  const promises = story.found.flatMap((found): PromiseOn[] => {
    const promise = promiseOn(story.graph, found.file, story.qemu.at);
    return promise ? [{ found, promise, isKept: isKept(evidence, story, found, promise) }] : [];
  });
  known.set(story, promises);
  return promises;
}

/** Whether QEMU has come to write out what it promised: it closed the image, or flushed it before. */
export function isKept(
  evidence: Evidence,
  story: ImageStory,
  { file }: Pick<FoundImage, 'file'>,
  { content, flushed, by }: { content: Content; flushed: boolean; by: Promised },
): boolean {
  const mayLose = mayLoseUnflushed(evidence, story, file);
  // A stream, or copy-on-read, fills its image without changing what is seen: one that is killed, or can't flush, leaves metadata unwritten.
  const fills = evidence.exchanges.some(
    ({ name, args }) =>
      /^(block-stream|block-commit|transaction)$/.test(name) ||
      (name === 'blockdev-add' && JSON.stringify(args).includes('copy-on-read')),
  );
  if (isUnwritten(content, file)) return !fills || (story.qemu.clean && !mayLose);
  if (!story.qemu.clean) return by === 'write-blocking' && flushed;
  return flushed || !mayLose;
}

/** Nothing ever wrote to the file, so that there is nothing to be written out. */
const isUnwritten = (content: Content, file: string): boolean =>
  content.is === 'fresh' && content.file === file;
