import { type Content, workOut } from '../../model/content/content.ts';
import type { Promised } from '../../model/content/image-graph.ts';
import { type Promise as Due, promiseOn } from '../../model/content/settled.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { Rule, Violation } from '../rule.ts';
import type { FoundImage, ImageStory } from './image-story.ts';
import { compare } from './integrity-rule.ts';
import { mayLoseUnflushed } from './write-faults.ts';

/** Images whose last word is a promise of this kind, and that hold something else. */
export function brokenPromises(evidence: Evidence, story: ImageStory, rule: Rule, by: Promised): Violation[] {
  return promisesDue(evidence, story).flatMap(({ found, promise }) => {
    if (promise.by !== by) return [];
    const expectation = workOut(promise.content, story.sources);
    return compare(evidence, story, rule, found, {
      expectation,
      why: promise.why,
      untouched: by === 'untouched',
    });
  });
}

/** What each image that was read in the end had to hold; not where QEMU may not have come to write it out. */
export function promisesDue(evidence: Evidence, story: ImageStory): { found: FoundImage; promise: Due }[] {
  return story.found.flatMap((found) => {
    const promise = promiseOn(story.graph, found.file, story.qemu.at);
    return promise && isKept(evidence, story, found, promise) ? [{ found, promise }] : [];
  });
}

/** Whether QEMU has come to write out what it promised: it closed the image, or flushed it before. */
export function isKept(
  evidence: Evidence,
  story: ImageStory,
  { file }: Pick<FoundImage, 'file'>,
  { content, flushed, by }: { content: Content; flushed: boolean; by: Promised },
): boolean {
  const mayLose = mayLoseUnflushed(evidence, story, file);
  // A stream fills its image without changing what is seen: one that is killed, or can't flush, leaves metadata unwritten.
  const fills = evidence.exchanges.some(({ name }) => /^(block-stream|block-commit|transaction)$/.test(name));
  if (isUnwritten(content, file)) return !fills || (story.qemu.clean && !mayLose);
  if (!story.qemu.clean) return by === 'write-blocking' && flushed;
  return flushed || !mayLose;
}

/** Nothing ever wrote to the file, so that there is nothing to be written out. */
const isUnwritten = (content: Content, file: string): boolean =>
  content.is === 'fresh' && content.file === file;
