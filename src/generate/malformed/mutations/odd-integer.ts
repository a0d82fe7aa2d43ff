import { cardOf } from '../../../qemu/cards.ts';
import { edgesOf } from '../../../qemu/number-range.ts';
import { type Mutation, replaced } from '../draft.ts';
import { exactly } from '../numbers.ts';

/** Integers at and beyond the edges of 32 and 64 bits and of each argument's own range; numbers that are no integers. */
export const oddInteger: Mutation = {
  weight: 18,
  apply(draw, draft, { places }) {
    const place = draw.anyOf(
      places.filter(
        ({ type }) => type.kind === 'builtin' && (type.jsonType === 'int' || type.jsonType === 'number'),
      ),
    );
    if (!place) return undefined;
    const edge = draw.chance(0.4) ? draw.anyOf(edges(draft.command, place.name)) : undefined;
    return replaced(draft, place.path, exactly(edge ?? draw.oneOf(oddNumbers)));
  },
};

/** At and beyond the limits that are documented, on the command's card. */
function edges(command: string, argument: string): string[] {
  const range = cardOf(command)?.numbers?.[argument];
  if (!range) return [];
  const { inside, outside } = edgesOf(range);
  return [...inside, ...outside].map(String);
}

const oddNumbers: readonly [string, ...string[]] = [
  '0',
  ...['1', '-1', '2', '3', '511', '512', '513', '1000', '4095', '65537', '134217728'],
  ...['2147483647', '2147483648', '2147483649', '-2147483648', '-2147483649'],
  ...['4294967295', '4294967296', '4294967297', '4294967808', '68719476736'],
  ...['9007199254740991', '9007199254740993', '4611686018427387904'],
  ...['9223372036854775295', '9223372036854774784', '9223372036854775806', '9223372036854775807'],
  ...['9223372036854775808', '-9223372036854775808', '-9223372036854775809'],
  ...['18446744073709551615', '18446744073709551616', '123456789012345678901234567890'],
  ...['1e400', '-1e400', '1e-400', '1.0', '1e3', '0.5', '1.5', '-0', '-0.0', '1e18', '1E+2'],
];
