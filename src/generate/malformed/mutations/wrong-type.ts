import { type Mutation, replaced } from '../draft.ts';
import { exactly } from '../numbers.ts';

/** A value of another JSON type; what looks like the right one among them. */
export const wrongType: Mutation = {
  weight: 4,
  apply(draw, draft, { places }) {
    const place = draw.anyOf(places.filter(({ path }) => path.length > 0));
    if (!place) return undefined;
    const isText = place.type.kind === 'enum' || (place.type.kind === 'builtin' && place.type.name === 'str');
    const others = isText
      ? [1, 0, true, {}, [], ['a'], { a: 1 }, exactly('1.5')]
      : ['', '0', 'true', 'null', '[]', {}, [], false, 1, exactly('0.5')];
    return replaced(draft, place.path, draw.anyOf(others));
  },
};
