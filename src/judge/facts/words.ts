import { claimWords } from './claim.ts';
import { contentWords } from './content.ts';
import { diedWords } from './died.ts';
import type { Fact } from './fact.ts';
import { figureWords } from './figure.ts';
import { guestWords } from './guest.ts';
import { imageWords } from './image.ts';
import { lackingWords } from './lacking.ts';
import { leftWords } from './left.ts';
import { messageWords } from './message.ts';
import { orderWords } from './order.ts';
import { outcomeWords } from './outcome.ts';
import { replyWords } from './reply.ts';
import { reportedWords } from './reported.ts';
import { shownWords } from './shown.ts';

/** A violation in a sentence, for people. */
export function wordsOf({ facts }: { facts: Fact }): string {
  switch (facts.shape) {
    case 'claim':
      return claimWords(facts);
    case 'content':
      return contentWords(facts);
    case 'died':
      return diedWords(facts);
    case 'figure':
      return figureWords(facts);
    case 'guest':
      return guestWords(facts);
    case 'image':
      return imageWords(facts);
    case 'lacking':
      return lackingWords(facts);
    case 'left':
      return leftWords(facts);
    case 'message':
      return messageWords(facts);
    case 'order':
      return orderWords(facts);
    case 'outcome':
      return outcomeWords(facts);
    case 'reply':
      return replyWords(facts);
    case 'reported':
      return reportedWords(facts);
    case 'shown':
      return shownWords(facts);
    default:
      return facts satisfies never;
  }
}
