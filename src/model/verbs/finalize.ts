import { refusedOutright, type Verb } from '../verb.ts';

/**
 * `job_finalize`: pending only. Finalizing may still find that the job can't be prepared (permissions), which is told
 * by the job's end and not by the reply.
 */
export const finalize: Verb = {
  name: 'finalize',
  expect: (situation) => refusedOutright('finalize', situation) ?? [{ ok: situation.world }],
};
