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
    return place && replaced(draft, place.path, exactly(draw.oneOf(oddNumbers)));
  },
};

const oddNumbers: readonly [string, ...string[]] = [
  '0',
  ...['1', '-1', '2', '3', '511', '512', '513', '1000', '4095', '65537'],
  ...['67108864', '67108865', '134217728'], // granularity ends at 64 MiB
  ...['2147483647', '2147483648', '2147483649', '-2147483648', '-2147483649'],
  ...['4294967295', '4294967296', '4294967297', '4294967808', '68719476736'],
  ...['9007199254740991', '9007199254740993', '4611686018427387904'],
  ...['9223372036854775295', '9223372036854774784', '9223372036854775806', '9223372036854775807'],
  ...['9223372036854775808', '-9223372036854775808', '-9223372036854775809'],
  ...['18446744073709551615', '18446744073709551616', '123456789012345678901234567890'],
  ...['1e400', '-1e400', '1e-400', '1.0', '1e3', '0.5', '1.5', '-0', '-0.0', '1e18', '1E+2'],
];
