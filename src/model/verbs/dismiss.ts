import { refusedOutright, type Verb } from '../verb.ts';

/** `job_dismiss`: concluded only (job.c; 5.2 to 11.1). */
export const dismiss: Verb = {
  name: 'dismiss',
  expect: (situation) => refusedOutright('dismiss', situation) ?? [{ ok: situation.world }],
};
