import { type Mutation, replaced } from '../draft.ts';

/** A required member, or a union's discriminator, is not there. */
export const missingMember: Mutation = {
  weight: 5,
  apply(draw, draft, { places }) {
    const place = draw.anyOf(
      places.filter(({ path, required }) => required && typeof path.at(-1) === 'string'),
    );
    return place && replaced(draft, place.path, undefined);
  },
};
