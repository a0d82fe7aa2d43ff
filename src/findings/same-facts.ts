import type { Fact } from '../judge/facts/fact.ts';
import type { Violation } from '../judge/rule.ts';
import type { Trace } from '../trace/observation.ts';
import { type OwnNames, ownNames } from './signature/names.ts';
import { plainWords } from './signature/words.ts';

/** A rule broken in a run. */
type Shown = { violation: Violation; trace: Trace };

/** Whether two runs break a rule by the same facts, whatever things are called in them and however large they are. */
export const haveSameFacts = (a: Shown, b: Shown): boolean => plainFacts(a) === plainFacts(b);

const plainFacts = ({ violation, trace }: Shown): string =>
  JSON.stringify(plain(violation.facts as Fact, ownNames(trace)));

/** Of a list that says the same of several things once is enough. */
function plain(value: unknown, names: OwnNames): unknown {
  if (typeof value === 'number') return 0;
  if (typeof value === 'string') return names.get(value) ?? plainWords(value, names);
  if (Array.isArray(value)) {
    const members = value.map((each) => JSON.stringify(plain(each, names)));
    return [...new Set(members)].sort();
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner, names)]));
}
