import { asReference } from '../sequence/reference.ts';
import type { Json } from '../sequence/step.ts';
import type { Path } from './change.ts';
import { limits } from './limits.ts';

/** A value and where it lies. `key` names it: an element of a list has the list's. */
export type MemberPlace = { path: Path; key: string; value: Json };

/** Everything inside a value, what holds others before what it holds. A reference is one value. */
export function* placesIn(value: Json, path: Path, key = ''): Generator<MemberPlace> {
  if (value === null || typeof value !== 'object' || asReference(value) || path.length > limits.depthMax)
    return;
  for (const [name, inner] of Object.entries(value)) {
    const isElement = Array.isArray(value);
    const place = {
      path: [...path, isElement ? Number(name) : name],
      key: isElement ? key : name,
      value: inner,
    };
    yield place;
    yield* placesIn(inner, place.path, place.key);
  }
}
