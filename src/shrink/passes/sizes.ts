import type { Pass } from '../pass.ts';
import { plainer } from '../plain-values.ts';

/** All disks to one size: a job wants its target as large as its source, so that one alone can seldom change. */
export const sizes: Pass = {
  name: 'sizes',
  sites({ arena }) {
    const largest = Math.max(0, ...arena.disks.map(({ sizeBytes }) => sizeBytes));
    return [
      (plainer('sizeBytes', largest) ?? []).map((to) =>
        arena.disks.map((_, i) => ({ path: ['arena', 'disks', i, 'sizeBytes'], to })),
      ),
    ];
  },
};
