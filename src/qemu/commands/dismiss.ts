import type { Cards } from '../card.ts';

/** `job_dismiss`: concluded only (job.c). */
const dismiss = { name: 'dismiss', takenIn: ['concluded'], does: 'dismisses', answers: 'success' } as const;
const notIn = ['rhel6', 'rhel7'] as const;

export const dismissCommands = {
  'job-dismiss': { notIn, verb: { ...dismiss, spelling: 'job', id: 'id' }, weight: 2 },
  'block-job-dismiss': { notIn, verb: { ...dismiss, spelling: 'block-job', id: 'id' }, weight: 2 },
} as const satisfies Cards;
