import type { Json } from '../../sequence/step.ts';
import type { Pass } from '../pass.ts';
import { placesIn } from '../places.ts';

/** Jobs are called j0, j1 and so on, in the order of their start. */
export const jobNames: Pass = {
  name: 'names of jobs',
  sites({ steps }) {
    const places = [...placesIn(steps as Json, ['steps'])];
    const ids = new Set(
      places.flatMap(({ key, value }) => (key === 'job-id' && typeof value === 'string' ? [value] : [])),
    );
    const named = new Map([...ids].map((id, i) => [id, `j${i}`]));
    return [
      [
        places.flatMap(({ path, key, value }) => {
          const name = typeof value === 'string' && isId(key) ? named.get(value) : undefined;
          return name === undefined ? [] : [{ path, to: name }];
        }),
      ],
    ];
  },
};

const isId = (key: string): boolean => key === 'job-id' || key === 'device' || key === 'id' || key === 'job';
