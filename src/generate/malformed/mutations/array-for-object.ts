import { type Mutation, replaced } from '../draft.ts';

/** An array where an object is due, or the other way round. */
export const arrayForObject: Mutation = {
  weight: 2,
  apply(draw, draft, { places }) {
    const place = draw.anyOf(
      places.filter(({ path, type }) => path.length > 0 && (type.kind === 'object' || type.kind === 'array')),
    );
    if (!place) return undefined;
    const { value } = place;
    return replaced(draft, place.path, Array.isArray(value) ? (value[0] ?? {}) : [value]);
  },
};
