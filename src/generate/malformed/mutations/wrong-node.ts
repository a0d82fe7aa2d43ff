import { type Mutation, replaced } from '../draft.ts';
import { namesFile } from '../file-names.ts';

/** A node that is not there, or that is another's: a layer, a filter, a backing node, the command's own source. */
export const wrongNode: Mutation = {
  weight: 14,
  apply(draw, draft, { places, situation }) {
    const named = places.filter(
      (place) => nodeMembers.has(place.name) && !namesFile(place, draft) && isText(place.type),
    );
    const place = draw.anyOf(named);
    if (!place) return undefined;
    // blockdev-create would make another image of what lies there.
    const known = draft.command === 'blockdev-create' ? [] : situation.nodes.map(({ name }) => name);
    const filters = known.length > 0 ? ['x0', 'x1'] : [];
    const own =
      typeof draft.args.device === 'string' && draft.command !== 'blockdev-create' ? [draft.args.device] : [];
    return replaced(
      draft,
      place.path,
      draw.oneOf(['no-such-node', ...known, ...filters, ...own, ...situation.jobs.map(({ id }) => id)]),
    );
  },
};

const isText = (type: { kind: string; name: string }): boolean =>
  type.kind === 'builtin' && type.name === 'str';

const nodeMembers = new Set([
  ...[
    'device',
    'node',
    'node-name',
    'target',
    'overlay',
    'parent',
    'child',
    'base-node',
    'top-node',
    'bottom',
  ],
  ...['replaces', 'file', 'image', 'backing', 'test', 'raw', 'log', 'children', 'snapshot-node-name'],
]);
