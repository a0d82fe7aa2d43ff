import { type Cards, live } from '../card.ts';

const cancel = { name: 'cancel', takenIn: [...live, 'waiting', 'pending'], does: 'cancels' } as const;

export const cancelCommands = {
  'job-cancel': { notIn: ['rhel6', 'rhel7'], verb: { ...cancel, spelling: 'job', id: 'id' }, weight: 2 },
  'block-job-cancel': {
    verb: { ...cancel, spelling: 'block-job', id: 'device', takes: { force: 'boolean' } },
    weight: 4,
  },
} as const satisfies Cards;
