import type { World } from '../model/world.ts';
import { imageStoryOf } from './integrity/image-story.ts';
import { promisesDue } from './integrity/promised.ts';
import { verbAnswers } from './job/replies.ts';
import type { Evidence } from './reading/evidence.ts';

/** Rules that had something to rule on, as short texts: promises that images were held to, verbs by the job's past. */
export function exercised(evidence: Evidence): Set<string> {
  return new Set([...promises(evidence), ...verbs(evidence)]);
}

function promises(evidence: Evidence): string[] {
  // Another QEMU's images are not as the arena says, and an image nobody read is held to nothing.
  if (!evidence.hasFreshImages || !evidence.trace.some(({ kind }) => kind === 'content')) return [];
  const due = promisesDue(evidence, imageStoryOf(evidence));
  return due.flatMap(({ promise: { by, content } }) =>
    content.is === 'anything' ? [] : [`rule integrity/${by === 'commit' ? 'stream-commit' : by}`],
  );
}

function verbs(evidence: Evidence): string[] {
  return verbAnswers(evidence).flatMap(({ verb, outcome, pasts: [past, ...others] }) =>
    past && others.length === 0 ? [`rule state/verb-reply ${verb} ${outcome} ${inWords(past)}`] : [],
  );
}

function inWords({ userPaused, cancel, completeRequested }: World): string {
  const parts = [
    ...(userPaused ? ['paused-by-user'] : []),
    ...(cancel === 'none' ? [] : [`cancelled-${cancel}`]),
    ...(completeRequested ? ['completing'] : []),
  ];
  return parts.join('+') || 'untouched';
}
