import type { Json } from '../../../sequence/step.ts';
import { type Mutation, replaced } from '../draft.ts';

/** A value within hundreds of others. QEMU's parser ends at 1024 levels, of which the command has two. */
export const deepNesting: Mutation = {
  weight: 1,
  apply(draw, draft, { places }) {
    const place = draw.anyOf(places.filter(({ path }) => path.length > 0));
    if (!place) return undefined;
    const levels = draw.oneOf([20, 100, 500, 1_000]);
    const inArrays = draw.chance(0.5);
    let value: Json = place.value;
    for (let i = 0; i < levels; i++) value = inArrays ? [value] : { a: value };
    return replaced(draft, place.path, value);
  },
};
