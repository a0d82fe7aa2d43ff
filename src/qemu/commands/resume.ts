import { type Cards, live } from '../card.ts';

const resume = { name: 'resume', takenIn: live, does: 'resumes' } as const;

export const resumeCommands = {
  'job-resume': { notIn: ['rhel6', 'rhel7'], verb: { ...resume, spelling: 'job', id: 'id' }, weight: 2 },
  'block-job-resume': {
    notIn: ['rhel6'],
    verb: { ...resume, spelling: 'block-job', id: 'device' },
    weight: 2,
  },
} as const satisfies Cards;
