import { isJsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import type { Pass } from '../pass.ts';
import { placesIn } from '../places.ts';

/** Every job has an id of its own: with one that is missing or given twice, what is seen reads as a clash of ids. */
export const namedJobs: Pass = {
  name: 'ids of jobs',
  sites({ steps }) {
    const starts = [...placesIn(steps as Json, ['steps'])].filter(
      ({ value }) => isJsonObject(value) && 'sync' in value,
    );
    const edits = starts.map(({ path }, i) => ({ path: [...path, 'job-id'], to: `j${i}` }));
    return edits.length === 0 ? [] : [[edits]];
  },
};
