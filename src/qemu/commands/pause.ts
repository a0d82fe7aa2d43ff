import { type Cards, live } from '../card.ts';

const pause = { name: 'pause', takenIn: live, does: 'pauses' } as const;
const later = ['rhel6', 'rhel7'] as const;

export const pauseCommands = {
  'job-pause': {
    notIn: later,
    verb: { ...pause, spelling: 'job', id: 'id' },
    undoneBy: 'job-resume',
    weight: 2,
  },
  'block-job-pause': {
    notIn: ['rhel6'],
    verb: { ...pause, spelling: 'block-job', id: 'device' },
    undoneBy: 'block-job-resume',
    weight: 2,
  },
} as const satisfies Cards;
