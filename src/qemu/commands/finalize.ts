import type { Cards } from '../card.ts';

/**
 * `job_finalize`: pending only. Finalizing may still find that the job can't be prepared (permissions): the job's end
 * says so, and not the reply.
 */
const finalize = { name: 'finalize', takenIn: ['pending'], does: 'finalizes', answers: 'success' } as const;
const notIn = ['rhel6', 'rhel7'] as const;

export const finalizeCommands = {
  'job-finalize': { notIn, verb: { ...finalize, spelling: 'job', id: 'id' }, weight: 2 },
  'block-job-finalize': { notIn, verb: { ...finalize, spelling: 'block-job', id: 'id' }, weight: 2 },
} as const satisfies Cards;
