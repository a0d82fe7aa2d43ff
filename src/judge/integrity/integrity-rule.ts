import type { Expectation } from '../../model/content/expectation.ts';
import type { GuestChange } from '../../model/content/guest-history.ts';
import type { DiskOfGuest } from '../../model/content/image-graph.ts';
import type { ContentFact } from '../facts/content.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { Rule, Violation } from '../rule.ts';
import { causeOf } from './content-cause.ts';
import type { FoundImage, ImageStory } from './image-story.ts';
import { type ContentMismatch, mismatches, recordRight, wrongRanges } from './mismatch.ts';

/** A rule about contents, and where a trace breaks it. */
export type IntegrityRule = {
  rule: Rule;
  judge(evidence: Evidence, story: ImageStory, ledger: Ledger): Violation[];
};

/** An image, and what it must hold by a rule; `why`: when it must have held that. */
type Comparison = {
  rule: Rule;
  found: FoundImage;
  expectation: Expectation | undefined;
  why: string;
  /** The guest's, that lies on it. */
  disk?: DiskOfGuest | undefined;
  untouched?: boolean;
};

/** An image against what it must hold; where all may be anything, nothing is decided. */
export function compare(
  evidence: Evidence,
  story: ImageStory,
  { rule, found: { at, file, seen }, expectation, why, disk, untouched = false }: Comparison,
  ledger: Ledger,
): Violation[] {
  if (!expectation?.some(({ from, to, origins }) => origins !== 'any' && from < to)) {
    ledger.undecided(rule, 'content unknown');
    return [];
  }
  const compared = mismatches(seen.runs, expectation, evidence.opened.sequence.seed);
  const { wrong } = compared;
  if (wrong.length === 0) {
    recordRight(ledger, rule, compared);
    return [];
  }
  const of = { image: seen.image, when: why };
  const cause = causeOf(evidence, story, { file, disk, at, untouched }, wrong);
  return [{ rule, at, facts: { shape: 'content', of, ...rangesOf(wrong, evidence, story), cause } }];
}

/** The first of them, each with where its bytes come from. */
export function rangesOf(
  wrong: readonly ContentMismatch[],
  { trace }: Evidence,
  { guest }: ImageStory,
): Pick<ContentFact, 'wrong' | 'more'> {
  const changes = new Map<number, GuestChange>();
  for (const disk of guest.values()) for (const change of disk.changes) changes.set(change.request, change);
  return wrongRanges(wrong, changes, trace);
}
