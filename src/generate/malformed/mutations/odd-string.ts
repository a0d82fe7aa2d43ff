import { type Mutation, replaced } from '../draft.ts';
import { namesFile } from '../file-names.ts';

/** Strings of no length and of too much, and such as break whoever formats, splits or terminates them. */
export const oddString: Mutation = {
  weight: 6,
  apply(draw, draft, { places }) {
    const place = draw.anyOf(places.filter(({ type }) => type.kind === 'builtin' && type.name === 'str'));
    if (!place) return undefined;
    const long = 'x'.repeat(draw.chance(0.03) ? draw.int(65_536, 66_000) : draw.oneOf([256, 1024, 4096]));
    // A file name that is a short string would be one beside the run's directory.
    const text = namesFile(place, draft)
      ? draw.oneOf(['', long, long, ...jsonNames])
      : draw.oneOf(['', long, 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(255), ...traps]);
    return replaced(draft, place.path, text);
  },
};

const jsonNames = [
  'json:{"driver":"null-co"}',
  'json:{"driver":"null-co","size":1',
  'json:{"driver":"null-co","zz":1}',
];

const traps = [
  ...[
    '%s%n%d',
    '%',
    '\\',
    '"',
    "'",
    '\n',
    '\u0000',
    'a\u0000b',
    '\u007f',
    '\u2028',
    'é',
    '日本',
    '😀',
    '\u202e',
  ],
  ...[
    'null',
    'true',
    '-',
    '--help',
    'help',
    '?',
    ',',
    'a,b=c',
    'a=b',
    '#block000',
    '#',
    '.',
    '..',
    ':',
    'a:b',
  ],
];
