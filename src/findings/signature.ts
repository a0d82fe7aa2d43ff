import { createHash } from 'node:crypto';
import type { Violation } from '../judge/rule.ts';
import type { Trace } from '../trace/observation.ts';
import { contentClass } from './signature/content.ts';
import { crashWords } from './signature/crash.ts';
import { hangWords } from './signature/hang.ts';
import { ownNames } from './signature/names.ts';
import { plainWords } from './signature/words.ts';

/**
 * What two violations have in common that are the same finding, on whichever QEMU, in whichever sequence: the rule or,
 * of a crash, what QEMU said when it died; without ids, numbers, paths and names of ours.
 */
export function signatureOf(violation: Violation, trace: Trace): string {
  const { rule, text } = violation;
  switch (rule.kind) {
    case 'crash':
      return `crash/${crashWords(violation, trace)}`;
    case 'hang':
      return `${rule.name}: ${hangWords(violation, trace)}`;
    case 'integrity':
      return `${rule.name}: ${contentClass(text, trace) ?? plainWords(text, ownNames(trace))}`;
    case 'leak':
    case 'protocol':
    case 'state':
    case 'validation':
      return `${rule.name}: ${plainWords(text, ownNames(trace))}`;
    default:
      return rule.kind satisfies never;
  }
}

/** The finding's id, and the name of its directory. */
export function findingId(signature: string): string {
  return createHash('sha256').update(signature).digest('hex').slice(0, 12);
}
