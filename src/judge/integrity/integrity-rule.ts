import type { Expectation } from '../../model/content/expectation.ts';
import type { GuestChange } from '../../model/content/guest-history.ts';
import type { Evidence } from '../evidence.ts';
import type { Rule, Violation } from '../rule.ts';
import type { Found, ImageStory } from './image-story.ts';
import { type Mismatch, mismatches, mismatchText } from './mismatch.ts';

/** A rule about contents, and where a trace breaks it. */
export type IntegrityRule = { rule: Rule; judge(evidence: Evidence, story: ImageStory): Violation[] };

/** An image against what it must hold. `why`: when it must have held that. */
export function compare(
  evidence: Evidence,
  story: ImageStory,
  rule: Rule,
  { at, seen }: Found,
  { expectation, why }: { expectation: Expectation | undefined; why: string },
): Violation[] {
  const wrong = expectation ? mismatches(seen.runs, expectation, evidence.opened.sequence.seed) : [];
  if (wrong.length === 0) return [];
  return [{ rule, at, text: `${seen.image} ${why}: ${wordsOf(wrong, evidence, story)}` }];
}

export function wordsOf(wrong: readonly Mismatch[], { trace }: Evidence, { guest }: ImageStory): string {
  const changes = new Map<number, GuestChange>();
  for (const disk of guest.values()) for (const change of disk.changes) changes.set(change.request, change);
  return mismatchText(wrong, changes, trace);
}
