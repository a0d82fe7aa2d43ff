import type { LeftBy, LeftFact } from '../../judge/facts/left.ts';

/**
 * What is left, and the job that had to do with it: which nodes of a chain, and how many, is the sequence's choice, so
 * their names say nothing. What a job that went wrong has not let go of shows as a node, or as the file of one without
 * a name.
 */
export function leftSignature(rule: string, facts: LeftFact): string {
  switch (facts.what) {
    case 'descriptors':
    case 'iothreads':
    case 'memory':
      return `${rule}: more ${facts.what}`;
    case 'job of refused start':
      return `${rule}: job of a refused ${facts.command}`;
    case 'file':
      return facts.by && facts.by.ended !== 'well'
        ? `leak/leftover: node left behind${byWords(facts.by)}`
        : `${rule}: file left behind${byWords(facts.by)}`;
    default:
      return `${rule}: ${facts.what} left behind${byWords(facts.by)}`;
  }
}

function byWords(by: LeftBy | undefined): string {
  return by === undefined ? '' : ` by ${by.type}${ended[by.ended]}`;
}

const ended = { well: '', refused: ' that was refused', failed: ' that did not complete' } as const;
