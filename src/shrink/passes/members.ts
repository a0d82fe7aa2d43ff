import { asReference } from '../../sequence/reference.ts';
import { type Json, stepKind } from '../../sequence/step.ts';
import { limits } from '../limits.ts';
import type { Pass } from '../pass.ts';
import { type MemberPlace, placesIn } from '../places.ts';

/**
 * Arguments and whatever else a step can do without: what is left out has its default. Lists lose elements, so that a
 * transaction loses actions.
 */
export const members: Pass = {
  name: 'arguments',
  sites: ({ steps }) =>
    steps.flatMap((step, i) =>
      [...placesIn(step as Json, ['steps', i])]
        .filter((place) => place.key !== stepKind(step) || place.path.length > 3)
        .flatMap((place) => [...(isBound(place) ? [] : [[[{ path: place.path }]]]), ...insideNewDisk(place)]),
    ),
};

/** A short deadline bounds what each run takes: it goes only where it is long anyway. */
const isBound = ({ path, key, value }: MemberPlace): boolean =>
  path.length === 3 && key === 'deadlineMs' && typeof value === 'number' && value <= limits.awaitDeadlineMs;

function insideNewDisk({ path, value }: MemberPlace) {
  const reference = asReference(value);
  if (reference?.kind !== 'newDisk') return [];
  return Object.keys(value as object)
    .filter((key) => key !== 'newDisk')
    .map((key) => [[{ path: [...path, key] }]]);
}
