import { createHash } from 'node:crypto';
import { claimSignature } from '../judge/facts/claim.ts';
import { figureSignature } from '../judge/facts/figure.ts';
import { guestSignature } from '../judge/facts/guest.ts';
import { imageSignature } from '../judge/facts/image.ts';
import { messageSignature } from '../judge/facts/message.ts';
import { orderSignature } from '../judge/facts/order.ts';
import { outcomeSignature } from '../judge/facts/outcome.ts';
import { replySignature } from '../judge/facts/reply.ts';
import { shownSignature } from '../judge/facts/shown.ts';
import type { Violation } from '../judge/rule.ts';
import type { Trace } from '../trace/observation.ts';
import { contentSignature } from './signature/content.ts';
import { crashWords } from './signature/crash.ts';
import { lackingSignature } from './signature/hang.ts';
import { leftSignature } from './signature/leak.ts';
import { ownNames } from './signature/names.ts';
import { imageRange } from './signature/range.ts';
import { reportedSignature } from './signature/reported.ts';
import { plainWords } from './signature/words.ts';

/**
 * What two violations have in common that are the same finding, on whichever QEMU, in whichever sequence: of the facts
 * what tells a cause (the job's type, its status, the verb, what QEMU said), and nothing that the sequence chose: ids,
 * numbers, paths and names of ours.
 */
export function signatureOf(violation: Violation, trace: Trace): string {
  const { rule, facts } = violation;
  const plain = (text: string): string => plainWords(text, ownNames(trace));
  switch (facts.shape) {
    case 'died':
      return `crash/${crashWords(violation, trace)}`;
    case 'lacking':
      return `${rule.name}: ${lackingSignature(facts)}`;
    case 'left':
      return leftSignature(rule.name, facts);
    case 'content':
      // Whatever it shows instead, and whoever copies from it: the node is what is wrong.
      return rule.name === 'integrity/snapshot-access'
        ? `${rule.name}: not the disk of its moment`
        : contentSignature(facts);
    case 'guest':
      return `${rule.name}: ${guestSignature(facts, plain)}`;
    case 'image':
      return `${rule.name}: ${imageSignature(facts, plain)}`;
    case 'reply':
      return replySignature(rule.name, facts, plain);
    case 'message':
      return `${rule.name}: ${messageSignature(facts, plain)}`;
    case 'order':
      return `${rule.name}: ${orderSignature(facts)}`;
    case 'outcome':
      return `${rule.name}: ${outcomeSignature(facts)}`;
    case 'figure':
      return `${rule.name}: ${figureSignature(facts)}`;
    case 'reported':
      return reportedSignature(rule.name, facts, trace);
    case 'shown':
      // A status that a query shows and no event has announced is an event that is missing.
      if (
        facts.what === 'member' &&
        facts.member === 'status' &&
        facts.wanted.is === 'status' &&
        facts.wanted.statuses.length === 1
      )
        return `state/transition: ${facts.type ?? 'job'} out of ${facts.wanted.statuses[0]}`;
      return `${rule.name}: ${shownSignature(facts)}`;
    case 'claim':
      return `${rule.name}: ${(facts.is === 'image' ? imageRange(facts.said) : undefined) ?? claimSignature(facts, plain)}`;
    default:
      return facts satisfies never;
  }
}

/** The finding's id, and the name of its directory. */
export function findingId(signature: string): string {
  return createHash('sha256').update(signature).digest('hex').slice(0, 12);
}
