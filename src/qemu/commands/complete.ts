import type { Cards } from '../card.ts';

const complete = {
  name: 'complete',
  takenIn: ['ready', 'standby'],
  takenSince: { standby: 'complete in standby' },
  does: 'finishes',
} as const;

export const completeCommands = {
  'job-complete': { notIn: ['rhel6', 'rhel7'], verb: { ...complete, spelling: 'job', id: 'id' }, weight: 2 },
  'block-job-complete': {
    notIn: ['rhel6'],
    verb: { ...complete, spelling: 'block-job', id: 'device' },
    weight: 2,
  },
} as const satisfies Cards;
