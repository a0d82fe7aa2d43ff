import { createHash } from 'node:crypto';
import { wordsOf } from '../judge/facts/words.ts';
import type { Violation } from '../judge/rule.ts';
import type { Trace } from '../trace/observation.ts';
import { contentWords } from './signature/content.ts';
import { crashWords } from './signature/crash.ts';
import { hangWords } from './signature/hang.ts';
import { leakWords } from './signature/leak.ts';
import { ownNames } from './signature/names.ts';
import { replyWords } from './signature/reply.ts';
import { plainWords } from './signature/words.ts';

/**
 * What two violations have in common that are the same finding, on whichever QEMU, in whichever sequence: the rule or,
 * of a crash, what QEMU said when it died; without ids, numbers, paths and names of ours.
 */
export function signatureOf(violation: Violation, trace: Trace): string {
  const { rule } = violation;
  const text = wordsOf(violation);
  switch (rule.kind) {
    case 'crash':
      return `crash/${crashWords(violation, trace)}`;
    case 'hang':
      return `${rule.name}: ${hangWords(violation, trace)}`;
    case 'integrity':
      return contentWords(violation, trace) ?? `${rule.name}: ${plainWords(text, ownNames(trace))}`;
    case 'state':
    case 'validation':
      return replyWords(violation, ownNames(trace)) ?? inWords(violation, trace);
    case 'leak':
      return leakWords(violation, trace);
    case 'protocol':
      return inWords(violation, trace);
    default:
      return rule.kind satisfies never;
  }
}

function inWords(violation: Violation, trace: Trace): string {
  const { rule } = violation;
  const text = wordsOf(violation);
  const silent = /^query-(?:block-)?jobs shows (job \S+) with status "\w+", but it is (\w+)$/.exec(text);
  // A status that a query shows and no event has told of is an event that is missing.
  const [name, told] = silent
    ? ['state/transition', `${silent[1]}: out of ${silent[2]}`]
    : [rule.name, text.replace(...(byRule[rule.name] ?? asItIs))];
  return `${name}: ${plainWords(told, ownNames(trace)).replace(/\bjob (?:DRIVE|DISK)\b/, 'job JOB')}`;
}

/**
 * Of these rules the text says more than tells one defect from another: one wrong policy shows in every pair, where an
 * event is missing, whatever comes next is out of order, both commands of a job start it in one place, and whether a
 * node has a name is the sequence's choice.
 */
const byRule: Readonly<Record<string, [RegExp, string]>> = {
  'state/transition': [/(\w+) -> \w+$/, 'out of $1'],
  'validation/start-arguments': [/^(?:blockdev|drive)-(mirror|backup) /, '$1 '],
  'graph/bitmap-accepted': [/^\S+ of \S+, which \S+ has/, 'a command of a bitmap that is there'],
  'graph/delete-accepted': [/of \S+, which/, 'of a node, which'],
  'graph/nodes-listed': [/node \S+ is/, 'a node is'],
  'validation/leaves-nothing': [/node \S+ is/, 'a node is'],
  'state/error-policy': [/(read|write) error.*$/, '$1 error, and not the action of its policy'],
};
const asItIs: [RegExp, string] = [/^/, ''];

/** The finding's id, and the name of its directory. */
export function findingId(signature: string): string {
  return createHash('sha256').update(signature).digest('hex').slice(0, 12);
}
