import { type Mutation, replaced } from '../draft.ts';

/** Far more elements than anybody meant, or none. */
export const longList: Mutation = {
  weight: 2,
  apply(draw, draft, { places }) {
    const place = draw.anyOf(places.filter(({ value }) => Array.isArray(value)));
    if (!place || !Array.isArray(place.value)) return undefined;
    const [first] = place.value;
    if (first === undefined || draw.chance(0.3)) return replaced(draft, place.path, []);
    const copies = JSON.stringify(first).length < 100 ? draw.oneOf([2, 50, 500]) : draw.oneOf([2, 20]);
    return replaced(
      draft,
      place.path,
      Array.from({ length: copies }, () => first),
    );
  },
};
