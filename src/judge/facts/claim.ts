import type { Json, ReplyClaim } from '../../sequence/step.ts';
import type { Got } from './reply.ts';

/** What the sequence's author claims did not hold. Claims are shown in the words of sequence/render.ts. */
export type ClaimFact = { shape: 'claim' } & (
  | { is: 'reply'; command: string; claim: ReplyClaim; got: Got | { value: Json } | 'none' }
  | { is: 'complaint' }
  | { is: 'await'; awaited: string; why: 'moot' | { waitedMs: number } }
  | { is: 'guest'; op: string; result: string; said?: string }
  | { is: 'image'; claim: string; about: 'same' | 'check' | 'boots' | 'content'; said: string }
);

export function claimWords(fact: ClaimFact): string {
  switch (fact.is) {
    case 'reply':
      return `${fact.command}: ${mismatchWords(fact)}`;
    case 'complaint':
      return 'malformed input was not answered by an error';
    case 'await':
      return `${fact.awaited} ${fact.why === 'moot' ? 'can no longer come' : `did not come in ${fact.why.waitedMs} ms`}`;
    case 'guest':
      return `${fact.op} ended with ${fact.result}${fact.said ? `: ${fact.said}` : ''}`;
    case 'image':
      return `${fact.claim}: ${fact.said}`;
    default:
      return fact satisfies never;
  }
}

function mismatchWords({ claim, got }: Extract<ClaimFact, { is: 'reply' }>): string {
  if (got === 'none') return 'no reply';
  const said =
    got === 'success' ? got : 'value' in got ? JSON.stringify(got.value) : `${got.class}: ${got.desc}`;
  return `expected ${claimedWords(claim, got)}, got ${said}`;
}

function claimedWords(claim: ReplyClaim, got: Got | { value: Json }): string {
  if (claim === 'ok') return 'success';
  if (claim === 'error') return 'an error';
  if ('class' in claim) return `${claim.class}${claim.desc ? ` "${claim.desc}"` : ''}`;
  return typeof got === 'object' && 'value' in got ? JSON.stringify(claim.return) : 'success';
}

/** `plain`: a text of QEMU's, or an author's, without what the sequence chose. */
export function claimSignature(fact: ClaimFact, plain: (text: string) => string): string {
  switch (fact.is) {
    case 'reply':
      return `${fact.command}: ${plain(gotWord(fact.got))}`;
    case 'complaint':
      return 'malformed input not answered';
    case 'await':
      return `${plain(fact.awaited)}: ${fact.why === 'moot' ? 'moot' : 'late'}`;
    case 'guest':
      return `${fact.op}: ${fact.result}`;
    case 'image':
      return `${fact.about}: ${plain(fact.said)}`;
    default:
      return fact satisfies never;
  }
}

function gotWord(got: Extract<ClaimFact, { is: 'reply' }>['got']): string {
  if (typeof got === 'string') return got;
  return 'value' in got ? 'another value' : `${got.class}: ${got.desc}`;
}
