import { refusedOutright, type VerbModel } from '../verb.ts';

/** `job_user_pause`: the verb table, then whether the user paused it already (job.c; 5.2 to 11.1). */
export const pause: VerbModel = {
  name: 'pause',
  expect(situation) {
    const refused = refusedOutright('pause', situation);
    if (refused) return refused;
    const { world } = situation;
    if (world.userPaused) return [{ error: 'GenericError', desc: 'Job is already paused' }];
    return [{ ok: { ...world, userPaused: true } }];
  },
};
