import { allowedValues } from '../commands.ts';
import { type Mutation, replaced } from '../draft.ts';

/** Nearly an enum's value, none at all, or another one that does not belong here. */
export const wrongEnum: Mutation = {
  weight: 4,
  apply(draw, draft, { places }) {
    const place = draw.anyOf(places.filter(({ type }) => type.kind === 'enum'));
    if (place?.type.kind !== 'enum') return undefined;
    const values = allowedValues(place.name, place.type.values);
    const given = draw.anyOf(values) ?? 'none';
    return replaced(
      draft,
      place.path,
      draw.oneOf([
        given,
        given.slice(0, -1),
        `${given}x`,
        `${given} `,
        ` ${given}`,
        given.toUpperCase(),
        `${given.slice(0, 1).toUpperCase()}${given.slice(1)}`,
        given.replaceAll('-', '_'),
        '',
        '0',
        'null',
        given.padEnd(4096, 'x'),
        `${given}\u0000`,
      ]),
    );
  },
};
