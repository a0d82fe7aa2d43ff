import { type Mutation, replaced } from '../draft.ts';

/** Null is a value like any other, and hardly any member may have it. */
export const nullValue: Mutation = {
  weight: 1,
  apply(draw, draft, { places }) {
    const place = draw.anyOf(places.filter(({ path }) => path.length > 0));
    return place && replaced(draft, place.path, null);
  },
};
