import { type Mutation, replaced } from '../draft.ts';

/** Ids and names that break the one rule there is: a letter, then letters, digits, `-`, `.`, `_`. */
export const badId: Mutation = {
  weight: 5,
  apply(draw, draft, { places }) {
    const named = places.filter(
      ({ name, type }) => idMembers.has(name) && type.kind === 'builtin' && type.name === 'str',
    );
    const place = draw.anyOf(named);
    return place && replaced(draft, place.path, draw.oneOf(badIds));
  },
};

const idMembers = new Set([
  'job-id',
  'node-name',
  'snapshot-node-name',
  'filter-node-name',
  'id',
  'name',
  'device',
]);

const badIds: readonly [string, ...string[]] = [
  '',
  ...[
    '1a',
    '0',
    '-a',
    '_a',
    '.a',
    ' a',
    'a ',
    'a b',
    'a/b',
    'a\\b',
    'a:b',
    'a,b',
    'a=b',
    'a+b',
    'a@b',
    '#0x',
    '#a',
  ],
  ...[
    'a\tb',
    'a\nb',
    'a\u0001b',
    'a\u001bb',
    '\u0000',
    'é',
    'aé',
    'ａ',
    '😀',
    'x'.repeat(32),
    'x'.repeat(128),
  ],
];
