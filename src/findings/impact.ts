import type { ContentFact } from '../judge/facts/content.ts';
import type { Fact } from '../judge/facts/fact.ts';
import type { ImageFact } from '../judge/facts/image.ts';
import type { FindingKind } from '../judge/rule.ts';
import type { Sequence } from '../sequence/sequence.ts';

/** What a defect does to whoever meets it, the worst first. */
export const impacts = ['data-loss', 'wrong-data', 'crash', 'hang', 'leak', 'wrong-answer'] as const;
export type Impact = (typeof impacts)[number];

/** `data-loss`: the guest's own disk is wrong; `wrong-data`: a copy of it is. */
export function impactOf(facts: Fact, rule: string, sequence: Sequence): Impact {
  switch (facts.shape) {
    case 'died':
      return 'crash';
    case 'lacking':
      return facts.what === 'lock' ? 'wrong-answer' : 'hang';
    case 'left':
      return 'leak';
    case 'content':
      return contentImpact(facts, rule, sequence);
    case 'image':
      return imageImpact(facts, rule);
    case 'outcome':
      return /^(ready|done) in spite of/.test(facts.is) ? 'wrong-data' : 'wrong-answer';
    case 'claim':
      if (facts.is === 'image') return 'wrong-data';
      return facts.is === 'await' && facts.why !== 'moot' ? 'hang' : 'wrong-answer';
    case 'reported':
      return facts.by === 'AddressSanitizer'
        ? 'crash'
        : facts.by === 'LeakSanitizer'
          ? 'leak'
          : 'wrong-answer';
    case 'figure':
    case 'guest':
    case 'message':
    case 'order':
    case 'reply':
    case 'shown':
      return 'wrong-answer';
    default:
      return facts satisfies never;
  }
}

/** Of a finding that has neither facts nor an impact of its own. */
export function impactOfKind(kind: FindingKind): Impact {
  switch (kind) {
    case 'integrity':
      return 'data-loss';
    case 'crash':
    case 'hang':
    case 'leak':
      return kind;
    case 'state':
    case 'validation':
    case 'protocol':
      return 'wrong-answer';
    default:
      return kind satisfies never;
  }
}

export const impactWords: Readonly<Record<Impact, string>> = {
  'data-loss': 'Data loss',
  'wrong-data': 'Wrong data in a copy',
  crash: 'Crash',
  hang: 'Hang',
  leak: 'Leak',
  'wrong-answer': 'Wrong answer',
};

function contentImpact({ of }: ContentFact, rule: string, { steps }: Sequence): Impact {
  const isGuests = 'disk' in of || steps.some((step) => 'guest' in step && step.disk === of.image);
  return isGuests || !aboutCopies.has(rule) ? 'data-loss' : 'wrong-data';
}

function imageImpact(facts: ImageFact, rule: string): Impact {
  if (facts.is === 'inconsistent' && facts.leaksOnly) return 'leak';
  if (facts.is === 'occupies more' || facts.is === 'zeroes written out') return 'leak';
  if (facts.is === 'another size' || facts.is === 'not to be checked') return 'wrong-data';
  return aboutCopies.has(rule) ? 'wrong-data' : 'data-loss';
}

/** These rules promise what a job's target holds. */
const aboutCopies: ReadonlySet<string> = new Set([
  'integrity/backup',
  'integrity/mirror-copy',
  'integrity/mirror-none',
  'integrity/mirror-top',
  'integrity/ready-quit',
  'integrity/target-boots',
  'integrity/write-blocking',
]);
