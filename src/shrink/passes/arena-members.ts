import type { Sequence } from '../../sequence/sequence.ts';
import type { Json } from '../../sequence/step.ts';
import type { Site } from '../change.ts';
import type { Pass } from '../pass.ts';
import { type MemberPlace, placesIn } from '../places.ts';
import { plainer } from '../plain-values.ts';

/** What the disks are: layers, frontends, options go; formats, contents and sizes become plain. */
export const arenaMembers: Pass = {
  name: 'arena',
  sites: ({ arena }: Sequence) =>
    [...placesIn(arena as Json, ['arena'])].map(site).filter(({ length }) => length > 0),
};

/** The disks themselves are another pass's. What a member can't do without, the format's check refuses. */
function site({ path, key, value }: MemberPlace): Site {
  if (path.length <= 3 && path[1] === 'disks') return [];
  const plain = (plainer(key, value) ?? []).map((to) => [{ path, to }]);
  return [[{ path }], ...plain];
}
