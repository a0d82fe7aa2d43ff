import { allowedValues } from '../commands.ts';
import { type Mutation, replaced } from '../draft.ts';

/** A union whose discriminator names another variant than the members around it, or is of no use at all. */
export const wrongBranch: Mutation = {
  weight: 3,
  apply(draw, draft, { places }) {
    const unions = places.flatMap(({ path, type }) =>
      type.kind === 'object' && type.tag !== undefined ? [[...path, type.tag]] : [],
    );
    const tag = draw.anyOf(unions);
    const place = places.find(({ path }) => path.join('\n') === tag?.join('\n'));
    if (!tag || place?.type.kind !== 'enum') return undefined;
    const other = draw.anyOf(allowedValues(place.name, place.type.values));
    return replaced(draft, tag, draw.oneOf([other ?? '', other ?? '', 'no-such-branch', 7, null, undefined]));
  },
};
