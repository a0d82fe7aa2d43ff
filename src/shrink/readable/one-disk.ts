import type { Sequence } from '../../sequence/sequence.ts';
import type { Json } from '../../sequence/step.ts';
import type { SequenceChange } from '../change.ts';
import type { Pass } from '../pass.ts';
import { placesIn } from '../places.ts';

/** One disk in another one's place, wherever the steps name it: two are one too many where it matters to nobody which. */
export const oneDisk: Pass = {
  name: 'one disk for two',
  sites: (sequence) => {
    const names = sequence.arena.disks.map(({ name }) => name);
    return names.map((gone) =>
      names.filter((kept) => kept !== gone).map((kept) => asOne(sequence, gone, kept)),
    );
  },
};

function asOne({ arena, steps }: Sequence, gone: string, kept: string): SequenceChange {
  const renamed = [...placesIn(steps as Json, ['steps'])].flatMap(({ path, value }) => {
    const to = inPlaceOf(value, gone, kept);
    return to === undefined ? [] : [{ path, to }];
  });
  const at = arena.disks.findIndex(({ name }) => name === gone);
  const overlays = arena.disks.flatMap(({ backing }, i) =>
    backing === gone ? [{ path: ['arena', 'disks', i, 'backing'] }] : [],
  );
  return [{ path: ['arena', 'disks', at] }, ...overlays, ...renamed];
}

/** Its node, one of its layers, or a reference to either. */
function inPlaceOf(value: Json, gone: string, kept: string): Json | undefined {
  if (typeof value === 'string') {
    if (value === gone) return kept;
    return value.startsWith(`${gone}-`) ? kept + value.slice(gone.length) : undefined;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const key = ['disk', 'node', 'path', 'uri'].find((name) => value[name] === gone);
  return key === undefined ? undefined : { ...value, [key]: kept };
}
