import { isJsonObject } from '../../../sequence/json-object.ts';
import { asReference } from '../../../sequence/reference.ts';
import type { Json } from '../../../sequence/step.ts';
import { type Mutation, replaced } from '../draft.ts';

/** One member too many, in the arguments or in an object within them. */
export const extraMember: Mutation = {
  weight: 3,
  apply(draw, draft, { places }) {
    const objects = places.filter(({ value }) => isJsonObject(value) && !asReference(value));
    const place = draw.anyOf(objects);
    if (!place || !isJsonObject(place.value)) return undefined;
    const given = draw.anyOf(Object.keys(place.value)) ?? 'device';
    const name = draw.oneOf([
      ...foreignMembers,
      given.toUpperCase(),
      `${given} `,
      given.replaceAll('-', '_'),
    ]);
    if (name in place.value) return undefined;
    return replaced(draft, [...place.path, name], draw.anyOf<Json>([1, null, true, 'x', {}, []]));
  },
};

/** Names of other commands' members, of QEMU's past, and such as no command ever had. */
const foreignMembers = [
  'zz',
  '',
  'value',
  'full',
  'base64',
  'job',
  'force',
  'x-perf',
  'é',
  'a.b',
  'type',
  'id',
] as const;
