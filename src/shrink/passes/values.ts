import { asReference } from '../../sequence/reference.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Json } from '../../sequence/step.ts';
import type { Site } from '../change.ts';
import type { Pass } from '../pass.ts';
import { type MemberPlace, placesIn } from '../places.ts';
import { plainer } from '../plain-values.ts';

/** Values of arguments: the plainest there is of their member or their type, else half of what they are. */
export const values: Pass = {
  name: 'values',
  sites(sequence) {
    const names = namesIn(sequence);
    return sequence.steps.flatMap((step, i) =>
      [...placesIn(step as Json, ['steps', i])]
        .filter(({ path: [, , member] }) => !othersMembers.has(member))
        .map((place) => simpler(place, names))
        .filter(({ length }) => length > 0),
    );
  },
};

/** Members of a step that say what it is, or that another pass makes simpler. */
const othersMembers = new Set<unknown>(['qmp', 'fault', 'raw', 'await', 'pause', 'deadlineMs']);

/** A text that stands for a thing: it is given twice, or it is a disk's. */
function namesIn({ arena, steps }: Sequence): ReadonlySet<Json> {
  const seen = new Set<Json>(arena.disks.map(({ name }) => name));
  const names = new Set(seen);
  for (const { value } of placesIn(steps as Json, [])) {
    if (seen.has(value)) names.add(value);
    seen.add(value);
  }
  return names;
}

function simpler({ path, key, value }: MemberPlace, names: ReadonlySet<Json>): Site {
  const plain = plainer(key, value) ?? ofType(value, names);
  return plain.map((to) => [{ path, to }]);
}

function ofType(value: Json, names: ReadonlySet<Json>): Json[] {
  const reference = asReference(value);
  if (reference?.kind === 'job') return reference.index > 0 ? ['#0', `#${reference.index - 1}`] : [];
  if (reference?.kind === 'number')
    return [0, 1, { number: reference.digits.slice(0, Math.ceil(reference.digits.length / 2)) }];
  if (reference) return [];
  if (typeof value === 'number') return [0, 1, Math.trunc(value / 2)];
  if (typeof value === 'string') return names.has(value) ? [] : ['a', ...halves(value)];
  return comingUp(value);
}

/** What holds a single thing may be that thing, or what that holds: the innermost, one half as deep, the next. */
function comingUp(value: Json): Json[] {
  const held: Json[] = [];
  for (let inner = value; inner !== null && typeof inner === 'object' && !asReference(inner); ) {
    const [only, ...others] = Object.values(inner);
    if (only === undefined || others.length > 0) break;
    held.push(only);
    inner = only;
  }
  const places = [held.length - 1, held.length >> 1, 0].filter((place, i, all) => all.indexOf(place) === i);
  return places.flatMap((place) => (place in held ? [held[place] as Json] : []));
}

/** Of a word of the schema half is no better than any other word. */
function halves(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  return text.length < 2 || isWord(text) ? [] : [text.slice(0, middle), text.slice(middle)];
}

const isWord = (text: string): boolean => /^[\w.-]{1,24}$/.test(text);
