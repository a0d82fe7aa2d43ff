import { cardOf } from '../qemu/cards.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Step } from '../sequence/step.ts';
import { isVague } from './apart.ts';
import { findingId } from './signature.ts';

/**
 * Whether what is minimal for two sequences of one signature points to two causes: each needs something that the other
 * does without. Where one takes all that the other takes and more, it is the same with something on the way.
 */
export function isOtherCause(a: Sequence, b: Sequence): boolean {
  const [one, other] = [needs(a), needs(b)];
  return !isWithin(one, other) && !isWithin(other, one);
}

/** An assertion, or a stack, names the place in QEMU, and which commands led there says no more. */
export const mayHideAnother = (signature: string): boolean =>
  !signature.startsWith('crash/') || isVague(signature);

/** A finding that has a signature in common with another one, and a cause of its own, is recognised by what it takes. */
export const apartId = (signature: string, sequence: Sequence): string =>
  findingId(`${signature}: ${[...needs(sequence)].sort().join(', ')}`);

/** The kinds of things that are done: names, places, numbers and how a verb is spelled are the sequence's choice. */
const needs = ({ steps }: Sequence): ReadonlySet<string> => new Set(steps.flatMap(needOf));

function needOf(step: Step): string[] {
  if ('guest' in step) return ['guest'];
  // An error is put in by blockdev-add and blockdev-reopen, which may be what matters (execute/).
  if ('fault' in step) return step.fault === 'inject' ? ['adds node', 'reopens'] : [`fault ${step.fault}`];
  if ('raw' in step) return ['raw'];
  if (!('qmp' in step)) return []; // waiting is no doing
  const card = cardOf(step.qmp);
  if (card?.job) return ['job']; // where its type matters the signature says it
  return [card?.verb?.name ?? card?.change?.kind ?? step.qmp];
}

const isWithin = (part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean =>
  [...part].every((each) => whole.has(each));
